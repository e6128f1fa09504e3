class A:
	x = 1
	y = [x for x in x]
	z = [x for _ in q]
