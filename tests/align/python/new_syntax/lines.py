# Joined lines, form feeds, tabs, blank lines and comments between levels.
if True:
    a = 1
    # comment at the level
  # comment at another
    b = (2,
  3, # inside
    4)

    c = a + \
b + \
  c

class A:
    def f(self):
        if a: pass
        elif b: return
        # last

    # after
    x = [
        1,

        # two
        2,
    ]



é = 'é'; 名前 = "名前"; ªº = 1; x·y = 2
if a:
    if b:
        if c:
            pass
# back
print("end") ; \
pass
async def main():
    async for x in y: await z
    return [i async for i in y if await z]
assert a, \
    b
a = b = c; a @= b; a //= b; a **= b; a >>= b; a <<= b; a -> b; a ... b; a<b>c; a<=b>=c
