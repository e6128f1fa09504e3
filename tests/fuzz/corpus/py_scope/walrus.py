def f():
	[[x := a for a in b] for b in c]
	if (y := x): return y
