def f(a,
      b): # c
	return (a,\
 b)
x = 1; y = 2