#!/usr/bin/env python3
"""Our trees of the standard library and its tests against those of Python's own ast.

check_ast.py DUMP_AST: it compares with the ast and the library of the Python that runs it (3.10 or
later): kinds, names, contexts, what hangs where, and the start and end of every node. It brings
both trees into the form that dump_ast.c describes.
"""

import ast
import concurrent.futures
import gc
import subprocess
import sys
import sysconfig
import time
import tokenize
import warnings
from pathlib import Path

# Files that Python refuses and we take, and why that is right.
ONLY_PYTHON_REFUSES = {}

POSONLY, KWONLY, VARARG, KWARG = 32, 64, 128, 256
CONTEXT = {ast.Load: 0, ast.Store: 1, ast.Del: 2}
# What CPython writes of a field of an f-string before 3.12 has positions of its own making.
FIELD_SPANS = sys.version_info >= (3, 12)

SLOTS = {  # kind: name here, members; a tuple of members is one slot
    "Module": ("Module", "body"), "Expr": ("Expr", "value"),
    "Assign": ("Assign", "targets", "value"), "AugAssign": ("AugAssign", "target", "value"),
    "Return": ("Return", "value"), "Raise": ("Raise", "exc", "cause"),
    "Assert": ("Assert", "test", "msg"), "Delete": ("Delete", "targets"),
    "If": ("If", "test", "body", "orelse"), "While": ("While", "test", "body", "orelse"),
    "For": ("For -", "target", "iter", "body", "orelse"),
    "AsyncFor": ("For async", "target", "iter", "body", "orelse"),
    "Try": ("Try -", "body", "handlers", "orelse", "finalbody"),
    "TryStar": ("Try star", "body", "handlers", "orelse", "finalbody"),
    "With": ("With -", "items", "body"), "AsyncWith": ("With async", "items", "body"),
    "withitem": ("WithItem", "context_expr", "optional_vars"), "Import": ("Import", "names"),
    "Match": ("Match", "subject", "cases"), "match_case": ("Case", "pattern", "guard", "body"),
    "Call": ("Call", "func", ("args", "keywords")), "Set": ("Set", "elts"),
    "IfExp": ("IfExpr", "test", "body", "orelse"), "BoolOp": ("BoolOp", "values"),
    "UnaryOp": ("UnaryOp", "operand"), "Compare": ("Compare", ("left", "comparators")),
    "Await": ("Await", "value"), "Yield": ("Yield", "value"), "YieldFrom": ("YieldFrom", "value"),
    "ListComp": ("ListComp", "elt", "generators"), "SetComp": ("SetComp", "elt", "generators"),
    "GeneratorExp": ("GenExp", "elt", "generators"),
    "DictComp": ("DictComp", "key", "value", "generators"),
    "NamedExpr": ("NamedExpr", "target", "value"), "Slice": ("Slice", "lower", "upper", "step"),
    "MatchValue": ("PatValue", "value"), "MatchSequence": ("PatSequence", "patterns"),
    "MatchOr": ("PatOr", "patterns"),
}


def begins_as(inner, outer):
    """An operation without parentheses of its own shares its beginning with the outer one."""
    return inner.lineno == outer.lineno and inner.col_offset == outer.col_offset


def ends_as(inner, outer):
    return (inner.end_lineno == outer.end_lineno
            and inner.end_col_offset == outer.end_col_offset)


class Tree:
    """One tree in the form of dump_ast.c, line by line."""

    def __init__(self):
        self.lines = []
        self.nodes = 0
        self.depth = 0  # of fields of f-strings

    def span(self, node):
        return (f" {node.lineno}:{node.col_offset} {node.end_lineno}:{node.end_col_offset}"
                if not self.depth or FIELD_SPANS else "")

    def put(self, node):
        self.nodes += 1
        HANDLERS[node.__class__](self, node)

    def put_slot(self, value):
        if value.__class__ is list:
            for each in value:
                self.put(each)
        elif value is not None:
            self.put(value)

    def open(self, head, node, *slots):
        """A node with these slots: nodes, lists of nodes or None."""
        self.lines.append(head + self.span(node) if hasattr(node, "lineno") else head)
        for i, slot in enumerate(slots):
            if i:
                self.lines.append("|")
            self.put_slot(slot)
        self.lines.append(")")

    # what differs from the table

    def put_name(self, node):
        self.lines.append(f"Name {node.id} {CONTEXT[node.ctx.__class__]}{self.span(node)}")

    def put_attribute(self, node):
        self.open(f"Attribute {node.attr} {CONTEXT[node.ctx.__class__]}", node, node.value)

    def put_elements(self, node):
        name = node.__class__.__name__
        value = node.value if name == "Starred" else node.elts
        self.open(f"{name} {CONTEXT[node.ctx.__class__]}", node, value)

    def put_subscript(self, node):
        self.open(f"Subscript {CONTEXT[node.ctx.__class__]}", node, node.value, node.slice)

    def put_constant(self, node):
        if isinstance(node.value, (str, bytes)):
            self.open("Strings", node, None)
        else:
            self.lines.append("Constant" + self.span(node))

    def put_fstring(self, node):
        self.open("Strings", node, [v for v in node.values if not isinstance(v, ast.Constant)])

    def put_field(self, node):
        spec = node.format_spec.values if node.format_spec else []
        self.depth += 1
        self.lines.append("Field")
        self.put(node.value)
        self.lines.append("|")
        self.put_slot([v for v in spec if not isinstance(v, ast.Constant)])
        self.lines.append(")")
        self.depth -= 1

    def put_binary(self, node):
        """a + b - c is one node of three operands here, as is a ** b ** c."""
        operands, at, level = [], node, LEVEL[node.op.__class__]
        power = isinstance(node.op, ast.Pow)
        shares = ends_as if power else begins_as
        while isinstance(at, ast.BinOp) and LEVEL[at.op.__class__] == level and shares(at, node):
            operands.append(at.left if power else at.right)
            at = at.right if power else at.left
        operands.append(at)
        self.open("BinOp", node, operands if power else operands[::-1])

    def put_dict(self, node):
        self.lines.append("Dict" + self.span(node))
        for key, value in zip(node.keys, node.values):
            self.lines.append("DictItem")
            self.put_slot(key)
            self.lines.append("|")
            self.put(value)
            self.lines.append(")")
        self.lines.append(")")

    def put_params(self, args):
        positional = args.posonlyargs + args.args
        defaults = [None] * (len(positional) - len(args.defaults)) + args.defaults
        rows = [(POSONLY * (i < len(args.posonlyargs)), arg, default)
                for i, (arg, default) in enumerate(zip(positional, defaults))]
        rows += [(VARARG, args.vararg, None)] if args.vararg else []
        rows += [(KWONLY, arg, default) for arg, default in zip(args.kwonlyargs, args.kw_defaults)]
        rows += [(KWARG, args.kwarg, None)] if args.kwarg else []
        for flag, arg, default in rows:
            self.nodes += 1
            at = f" {arg.lineno}:{arg.col_offset}" if not self.depth or FIELD_SPANS else ""
            self.lines.append(f"Param {flag} {arg.arg}{at}")
            self.put_slot(arg.annotation)
            self.lines.append("|")
            self.put_slot(default)
            self.lines.append(")")

    def put_lambda(self, node):
        self.lines.append("Lambda" + self.span(node))
        self.put(node.body)
        self.lines.append("|")
        self.put_params(node.args)
        self.lines.append(")")

    def put_function(self, node):
        kind = "async" if isinstance(node, ast.AsyncFunctionDef) else "-"
        self.lines.append(f"Function {kind} {node.name}{self.span(node)}")
        self.put_slot(node.decorator_list)
        self.lines.append("|")
        self.put_params(node.args)
        for slot in (node.returns, node.body, getattr(node, "type_params", None)):
            self.lines.append("|")
            self.put_slot(slot)
        self.lines.append(")")

    def put_class(self, node):
        self.open(f"Class {node.name}", node, node.decorator_list, node.bases + node.keywords,
                  getattr(node, "type_params", None), node.body)

    def put_alias(self, node):
        if node.name == "*":
            self.lines.append("Star" + self.span(node))
        else:
            self.lines.append(f"Alias {node.name} {node.asname or '-'}{self.span(node)}")

    def put_import_from(self, node):
        self.open(f"ImportFrom {node.level} {node.module or ''}", node, node.names)

    def put_names(self, node):
        self.lines.append(f"{node.__class__.__name__} {' '.join(node.names)}{self.span(node)}")

    def put_leaf(self, node):
        self.lines.append(node.__class__.__name__ + self.span(node))

    def put_annotated(self, node):
        self.open(f"AnnAssign {'simple' if node.simple else '-'}", node, node.target,
                  node.annotation, node.value)

    def put_handler(self, node):
        self.open(f"Handler {node.name or '-'}", node, node.type, node.body)

    def put_keyword(self, node):
        self.open(f"Keyword {node.arg or '-'}", node, node.value)

    def put_comprehension(self, node):
        self.open(f"CompFor {'async' if node.is_async else '-'}", node, node.target, node.iter,
                  node.ifs)

    def put_type_alias(self, node):
        self.open(f"TypeAlias {node.name.id}", node, node.value, node.type_params)

    def put_type_param(self, node):
        flag = {"TypeVar": 0, "TypeVarTuple": VARARG, "ParamSpec": KWARG}[node.__class__.__name__]
        self.open(f"TypeParam {flag} {node.name}", node, getattr(node, "bound", None),
                  getattr(node, "default_value", None))

    def put_singleton(self, node):
        self.lines += ["PatValue" + self.span(node), "Constant" + self.span(node), ")"]

    def put_star(self, node):
        self.lines.append(f"PatStar {node.name or '-'}{self.span(node)}")

    def put_as(self, node):
        if node.pattern:
            self.open(f"PatAs {node.name}", node, node.pattern)
        else:
            self.lines.append(f"PatCapture {node.name or '-'}{self.span(node)}")

    def put_mapping(self, node):
        self.lines.append(f"PatMapping {node.rest or '-'}{self.span(node)}")
        for key, pattern in zip(node.keys, node.patterns):
            self.lines.append("PatItem")
            self.put(key)
            self.lines.append("|")
            self.put(pattern)
            self.lines.append(")")
        self.lines.append(")")

    def put_class_pattern(self, node):
        self.lines.append("PatClass" + self.span(node))
        self.put(node.cls)
        self.lines.append("|")
        self.put_slot(node.patterns)
        for name, pattern in zip(node.kwd_attrs, node.kwd_patterns):
            self.lines.append(f"PatKeyword {name}")
            self.put(pattern)
            self.lines.append(")")
        self.lines.append(")")


LEVEL = {ast.BitOr: 1, ast.BitXor: 2, ast.BitAnd: 3, ast.LShift: 4, ast.RShift: 4, ast.Add: 5,
         ast.Sub: 5, ast.Mult: 6, ast.Div: 6, ast.FloorDiv: 6, ast.Mod: 6, ast.MatMult: 6,
         ast.Pow: 7}
HANDLERS = {}


def by_table(head, *slots):
    def put(tree, node):
        values = []
        for slot in slots:
            if isinstance(slot, tuple):
                first = getattr(node, slot[0])
                value = (first if isinstance(first, list) else [first]) + getattr(node, slot[1])
            else:
                value = getattr(node, slot)
            values.append(value)
        tree.open(head, node, *values)
    return put


def fill_handlers():
    for kind, row in SLOTS.items():
        if hasattr(ast, kind):
            HANDLERS[getattr(ast, kind)] = by_table(*row)
    for kinds, put in (
            ("Name", Tree.put_name), ("Attribute", Tree.put_attribute),
            ("Subscript", Tree.put_subscript), ("Tuple List Starred", Tree.put_elements),
            ("Constant", Tree.put_constant), ("JoinedStr TemplateStr", Tree.put_fstring),
            ("FormattedValue Interpolation", Tree.put_field), ("BinOp", Tree.put_binary),
            ("Dict", Tree.put_dict), ("Lambda", Tree.put_lambda),
            ("FunctionDef AsyncFunctionDef", Tree.put_function), ("ClassDef", Tree.put_class),
            ("alias", Tree.put_alias), ("ImportFrom", Tree.put_import_from),
            ("Global Nonlocal", Tree.put_names), ("Pass Break Continue", Tree.put_leaf),
            ("AnnAssign", Tree.put_annotated), ("ExceptHandler", Tree.put_handler),
            ("keyword", Tree.put_keyword), ("comprehension", Tree.put_comprehension),
            ("TypeAlias", Tree.put_type_alias),
            ("TypeVar TypeVarTuple ParamSpec", Tree.put_type_param),
            ("MatchSingleton", Tree.put_singleton), ("MatchStar", Tree.put_star),
            ("MatchAs", Tree.put_as), ("MatchMapping", Tree.put_mapping),
            ("MatchClass", Tree.put_class_pattern)):
        for kind in kinds.split():
            if hasattr(ast, kind):
                HANDLERS[getattr(ast, kind)] = put


fill_handlers()


class Dumper:
    """The program that dumps our trees."""

    def __init__(self, program):
        options = [] if FIELD_SPANS else ["--bare-fields"]
        self.process = subprocess.Popen([program] + options, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)

    def ask(self, source):
        self.process.stdin.write(b"%d\n%s" % (len(source), source))
        self.process.stdin.flush()
        return self.process.stdout.read(int(self.process.stdout.readline())).decode()


def theirs(text):
    """Lines and number of nodes, or the reason of the refusal."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError) as err:
        return None, str(err)
    tree = Tree()
    tree.open("Module", module, module.body)
    return tree.lines, tree.nodes


def difference(expected, lines):
    at = next((i for i, pair in enumerate(zip(expected, lines)) if pair[0] != pair[1]),
              min(len(expected), len(lines)))
    before = next((line for line in reversed(expected[:at + 1]) if line not in ("|", ")")), "")
    return (f"Python has {' '.join(expected[at:at + 1])!r}, we have {' '.join(lines[at:at + 1])!r},"
            f" at {before!r}")


def compare(program, root, names):
    """Of these files: how many were compared, their nodes, the refused ones, what differs."""
    warnings.simplefilter("ignore")
    gc.disable()  # trees have no cycles, and to look for them takes a third of the time
    dumper = Dumper(program)
    files = nodes = size = 0
    refused, wrong = [], []
    for name in names:
        data = Path(root, name).read_bytes()
        try:
            text = decoded(data)
        except (SyntaxError, UnicodeDecodeError):
            continue  # no encoding to read it by: not the parser's matter
        expected, count = theirs(text)
        reply = dumper.ask(text.encode()).splitlines()
        if expected is None:
            if not reply[0].startswith("! ") and name not in ONLY_PYTHON_REFUSES:
                wrong.append(f"{name}: Python refuses it ({count}), we do not")
            refused.append(f"{name}: {reply[0]}")
            continue
        files, nodes, size = files + 1, nodes + count, size + len(data)
        if expected != reply:
            wrong.append(f"{name}: " + (reply[0] if reply[0].startswith("! ")
                                        else difference(expected, reply)))
    return files, nodes, size, refused, wrong


def decoded(data):
    encoding = tokenize.detect_encoding(iter(data.splitlines(True)).__next__)[0]
    return data.decode(encoding)


def main():
    started = time.monotonic()
    program = sys.argv[1]
    root = sysconfig.get_path("stdlib")
    names = sorted(str(path.relative_to(root)) for path in Path(root).rglob("*.py")
                   if not {"site-packages", "dist-packages"} & set(path.parts))
    chunks = [names[i::8] for i in range(8)]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        parts = list(pool.map(compare, [program] * 8, [root] * 8, chunks))
    files, nodes, size = (sum(part[i] for part in parts) for i in range(3))
    refused, wrong = (sorted(line for part in parts for line in part[i]) for i in (3, 4))
    for line in refused:
        print("refused by both:", line)
    for line in wrong:
        print("DIFFERENT", line)
    whole = Path(root, "test", "test_grammar.py").exists()
    print(f"Python {sys.version.split()[0]}, {root}"
          f"{'' if whole else ', WITHOUT its tests (libpython3.11-testsuite is missing)'}:"
          f" {files} files, {size} bytes, {nodes} nodes, {len(refused)} files refused by Python,"
          f" {len(wrong)} differences, {time.monotonic() - started:.1f} s")
    least = 1500 if whole else 500
    if files < least:
        print(f"only {files} files, {least} are expected")
    return 1 if wrong or files < least else 0


if __name__ == "__main__":
    sys.exit(main())
