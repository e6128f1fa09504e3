class _C:
	class __D:
		__x = 1
		def f(self, *__y): return __x, __, ___, __y
