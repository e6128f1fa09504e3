class D:
	class C[__T: lambda: (__T, __b)](__z): __x = __T
