[a for a in z if (y := 1) for y in q]
