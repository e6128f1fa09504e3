type A = B
type L[T: (A, B)] = list[T] | L[T]
class C:
	T = int
	type A[T] = [T for x in T]
