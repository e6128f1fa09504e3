x: int
y: int = 2
(z): int
(w): int = 3
v.a: int
