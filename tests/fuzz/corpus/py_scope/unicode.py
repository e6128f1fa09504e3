ℌ = 1
class ﬁ:
	__ℌ = H
