[a for b in c if d for a in b]
{k: v for k, v in z}
{s for s in s}
f(g for g in g)
