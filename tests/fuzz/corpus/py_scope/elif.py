if a: b
elif c: d
elif e: f
else: g
h if i else j if k else l
