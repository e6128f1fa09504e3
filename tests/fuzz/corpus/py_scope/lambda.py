lambda a, /, b=p, *c, d=b, **e: (a, lambda: q)
