# A file as C string literals, one for each line.
s/["\\]/\\&/g
s/.*/"&\\n"/
