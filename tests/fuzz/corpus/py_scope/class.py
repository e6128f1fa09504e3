@d(a)
class C(B, metaclass=M, **kw):
	x: y = z
	def m(self): return super().x, __class__, x
