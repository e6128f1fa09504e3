def f(x):
	def g():
		nonlocal x
		def h():
			global x
			x = y
