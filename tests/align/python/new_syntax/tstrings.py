# PEP 750.
name = 'World'
a = t'Hello {name}!'
b = T"{name!r:>{width}}" rt'\d{name}\{name}' Tr"""{
    name  # comment
}"""
c = t"{t'{t"{name}"}'}" t'{{}}' t''
d = t'{name=}' f'{t'{name:{'x'}}'}'
t = 1
t('x')
t ['x']
t
'not a prefix'
tb = t if t else t''
