import a.b.c, d.e as f
from . import g as h, i
from .j import *
for i, j[k] in l: m
else: n
with a as b, c() as (d, *e): f
while a: break
assert c, d
