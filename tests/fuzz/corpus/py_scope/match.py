match a:
 case {'x': y, **z}: pass
 case [q, *r]: pass
 case C(s, t=u): pass
 case v | _ as w if w: pass
 case A.B | -1+2j | None: pass
