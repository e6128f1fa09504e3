#!/usr/bin/env python3
"""Does configs/align.schema.json know the same keys as the program, and the same that are needed?

The program's keys stand in tables `const struct qf_rules_keys qf_rules_<map>_keys` of
tools/align/rules/*.c; docs/ALIGN.md must name each of them too.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "tools/align/rules"
NEEDED = {"system": {"name"}, "move": {"to"}, "mapping": {"from", "to"},
          "document": {"paths", "replace"}, "allow": {"reason"}}


def tables():
    """{"system": ["name", ..]} of the C sources."""
    found = {}
    for source in sorted(RULES.glob("*.c")):
        text = source.read_text(encoding="utf-8")
        for name, keys in re.findall(
                r"qf_rules_keys qf_rules_(\w+)_keys = \{[^{]*\{([^}]*)\}", text):
            found[name] = re.findall(r'"(\w+)"', keys)
    return found


def unresolved(node, schema):
    """References that lead nowhere."""
    if isinstance(node, dict):
        ref = node.get("$ref", "")
        if ref and ref.removeprefix("#/$defs/") not in schema["$defs"]:
            yield ref
        for value in node.values():
            yield from unresolved(value, schema)
    elif isinstance(node, list):
        for value in node:
            yield from unresolved(value, schema)


def main():
    schema = json.loads((ROOT / "configs/align.schema.json").read_text(encoding="utf-8"))
    manual = (ROOT / "docs/ALIGN.md").read_text(encoding="utf-8")
    parts = {"top": schema, **schema["$defs"]}
    parts["allow"] = parts.pop("allowance")
    found = tables()
    wrong = [f"reference {ref} leads nowhere" for ref in unresolved(schema, schema)]
    if set(found) != {"top", "python", *NEEDED}:
        wrong.append(f"tables of keys in {RULES}: {sorted(found)}")
    for name, keys in found.items():
        part = parts.get(name, {})
        if list(part.get("properties", {})) != keys:
            wrong.append(f"{name}: the program knows {keys}, "
                         f"the schema {list(part.get('properties', {}))}")
        if part.get("additionalProperties") is not False:
            wrong.append(f"{name}: the schema takes other keys too")
        if set(part.get("required", [])) != NEEDED.get(name, set()):
            wrong.append(f"{name}: the schema requires {part.get('required')}")
        wrong += [f"{name}: docs/ALIGN.md does not name `{key}`" for key in keys
                  if not re.search(rf"`{key}\b", manual)]
    for line in wrong:
        print(f"check_align_schema: {line}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
