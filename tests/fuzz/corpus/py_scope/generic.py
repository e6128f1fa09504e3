def f[T: A = B, *Ts, **P](x: T = T, *args: *Ts) -> P:
	y: T
	def g(): return T
