# PEP 701: the same quotes, backslashes, comments and line ends inside of fields.
songs = ['Take me back to Eden', 'Alkaline', 'Ascensionism']
a = f"{", ".join(songs)}"
b = f'{songs[0]['x':]!r:>{10 + len(f'{'y'}')}}'
c = f"{f"{f"{f"{f"{1 + 1}"}"}"}"}"
d = f"{
    ', '.join(songs)  # a comment, with "quotes" and a }
}"
e = f"{'\n'.join(songs)}" f"\N{BULLET} {'\N{BULLET}'}"
f = f'''{
    f"""{
        "nested"   # and commented
    }"""
}'''
g = f"{a!r}{b!s:^{c}}{d = }{e=!r:10}{f:{'>'}{10}}{{literal}} {{{a}}}"
h = f"{(lambda x: x)(1)}{(y := 2)}{a != b}{a == b}{a:=^10}{ {1: 2}[1] }{[*songs][1:2]}"
i = rf"\d{a}\{b}\N{c}" fr'{a:\d}' Rf"\"" FR'\''
j = f"""
text {a:
    >10} text
{a:%H:%M:%S} "quoted" ""twice"" {"""triple"""}
"""
k = f"{a:{b:{c}}}" f"{a,}" f"{*songs, }" f"{yield_}" f"{a if b else c:x}"
m = f"" f'' f"""""" f'{{}}' f"}}{{"
n = f"{x:{{}.pop()}}" if False else f"{a[b["c"]["d"]]}"
o = f'{a}' 'plain' f"{b}" b'bytes'
p = f"{a:\"}" f'\'{a}\'' f"\\{a}\\"
