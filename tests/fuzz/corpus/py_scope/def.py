@d
async def f(a, /, b: c = p, *c2, d: q, e=r, **g) -> s:
	global t
	return await a, t
