# PEP 634, 654, 758: match, except*, except without parentheses.
match command.split():
    case ["go", ("north" | "south") as direction, *rest] if rest:
        pass
    case {"x": 0, "y": -1.5 + 2j, **others} | Point(x=0, y=[1, *_]):
        match = case = 1
    case 'a' 'b' | b"c" | None | True | -1:
        match (x):
            case _:
                print(match[0], case (1))
    case str() | Color.RED:
        match -a
match * case
match, case = 1, 2
match: int = 3

try:
    pass
except* (ValueError, TypeError) as group:
    pass
except *OSError:
    pass

try:
    pass
except ValueError, TypeError:
    pass
except ValueError, TypeError, OSError:
    pass
finally:
    pass

with (open("a") as a, open("b") as b,):
    pass
x = yield *a, b
if (n := len(a)) > 10: print(f"{n:=+5}")
def positional(a, b=1, /, c=2, *, d): return a[1:2, ::3, *b]
@(yield_)
def decorated(): global g; nonlocal_ = 1
print(*a, sep='', **{'end': ''})
lst[a:=1, b:=2] = {**a, 'x': 1} | {*b}
0x_ff; 0b_1; 0o_7; 1_000.5_0e-1_0j; .5; 5.; 1e5; 0_0; 00
