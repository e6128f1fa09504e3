class A[T](B[T], k=T):
	x: T
	def m[U: T](self, t: T = T): return T, U, A
