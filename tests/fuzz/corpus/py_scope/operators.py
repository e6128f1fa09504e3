x = not a and b or c < d in e is not f + -g * h ** ~i
x @= y
del x, y[z]
