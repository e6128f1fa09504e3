def f():
	nonlocal x
