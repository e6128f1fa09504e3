from __future__ import annotations
def f(a: b = c) -> [d for e in f]:
	x: q
	global q
