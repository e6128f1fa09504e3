f'{x!r:{w}} {(lambda: y)()} {{ {[z for z in q]}' rf"""{a}
{b=}""" 'c'
