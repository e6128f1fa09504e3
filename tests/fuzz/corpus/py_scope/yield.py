def f():
	x = yield y
	yield from z
	[a async for a in (yield)]
