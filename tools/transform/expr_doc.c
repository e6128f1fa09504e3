/* The language of conditions for those who write it; docs/TRANSFORM.md shows it behind `filter`. */
#include "tools/transform/expr.h"

const char qf_expr_doc[] =
"Steps that take a condition (`filter`, `split`) read this language. In a mapping a condition stands in quotes of YAML: "
"`filter: 'year >= 1900'`; inline it is all that stands behind the name: `--step 'filter year >= 1900'`.\n"
"\n"
"| written | true when |\n"
"|---|---|\n"
"| `a = 1`, `a == 1` | they are equal |\n"
"| `a != 1`, `a <> 1` | `a = 1` is false |\n"
"| `a < 1`, `a <= 1`, `a > 1`, `a >= 1` | of two numbers, texts or dates |\n"
"| `a in [1, 2]`, `a not in [1, 2]` | it is equal to one; to none. The values of a list are of one kind |\n"
"| `\"x\" in tags`, `\"x\" not in tags` | the same as `\"x\" = tags`, `\"x\" != tags` |\n"
"| `exists a.b` | the path leads to something, and be it null |\n"
"| `a is null`, `a is not null` | the path leads to nothing, or to null; to something else |\n"
"| `a matches /^the /i`, `a not matches \"x\"` | the regex (PCRE2, Unicode) matches somewhere in the text; `i`: "
"small and capital letters are one |\n"
"| `a starts_with \"x\"`, `a ends_with \"x\"`, `a contains \"x\"` | of texts; with `not` too |\n"
"| `a` | it is `true` |\n"
"| `not p`, `p and q`, `p or q`, `(p)` | `not` binds closer than `and`, `and` closer than `or` |\n"
"\n"
"*Values*: numbers (`12`, `-0.5`, `1e6`), texts (`\"x\"` or `'x'`, with the escapes of JSON), `true`, `false`; paths; the "
"record's `@id`, `@tenant` and `@collection`; `lower(a)` and `upper(a)` of texts, as Unicode has them; `length(a)`: the "
"characters of a text, the elements of an array, the members of an object; `date(a)`: a moment. Words are the same in "
"capitals. There is no arithmetic.\n"
"\n"
"*Paths* are those of all steps: `a.b`, `a[].b`. A name with other characters than letters, digits, `_`, `$` and `-`, or one "
"that is a word of the language (`and` `or` `not` `in` `is` `null` `true` `false` `exists` `matches`), stands between "
"backticks: `` `a.b`.c ``, `` `in` ``. Double quotes do the same inside a path (`a.\"b c\"`); a name in double quotes alone is "
"a text.\n"
"\n"
"*Three values*: a test is true, false or unknown. It is unknown where a value is absent, null, or of another type than "
"what it is compared with: `\"5\"` is not compared with `5`, true and false have no order, objects are never equal. "
"`exists` and `is null` are never unknown. A point passes a `filter` only when the condition is true, so what is unknown "
"does not pass, and neither does its opposite.\n"
"\n"
"| `p` | `q` | `p and q` | `p or q` | `not p` |\n"
"|---|---|---|---|---|\n"
"| true | true | true | true | false |\n"
"| true | false | false | true | false |\n"
"| true | unknown | unknown | true | false |\n"
"| false | true | false | true | true |\n"
"| false | false | false | false | true |\n"
"| false | unknown | false | unknown | true |\n"
"| unknown | true | unknown | true | unknown |\n"
"| unknown | false | false | unknown | unknown |\n"
"| unknown | unknown | unknown | unknown | unknown |\n"
"\n"
"*Arrays*: an array that a path meets, in its middle or at its end, stands for its elements, and a test is the `or` of the "
"tests of each: true when one makes it true, false for an empty array. `!=` and `not in` are the opposite of `=` and `in` "
"with arrays too: `tags != \"x\"` is true when no element is `\"x\"`. `length()`, `exists` and `is null` take the array at "
"the end of a path as a whole, and with `tags[]` its elements.\n"
"\n"
"*Numbers* are compared by value and exactly, whatever their size and form: `5` is `5.0`, and 9007199254740993 is not "
"9007199254740992. *Texts* are compared by code point, without regard to a language.\n"
"\n"
"*Dates*: RFC 3339 texts compare as texts. With `date()` on one side both sides are moments, to the nanosecond: a time needs "
"its zone (`\"2024-05-31T08:00:00Z\"`, `\"2024-05-31 10:00:00.5+02:00\"`), a date alone is its midnight in UTC, and what is "
"neither is unknown.\n"
"\n"
"*Limits*: 65536 bytes, 64 parentheses and 8 functions inside one another. A regex that takes too long for a text is an error "
"of that point. A mistake is shown at its place: `at character 9: a value is expected: year >= <here>) and ...`. YAML replaces "
"`${NAME}` in a condition as anywhere.\n";

const struct qf_expr_example qf_expr_examples[] = {
	{ "year >= 1900", "{\"year\":1994}", QF_TRI_TRUE },
	{ "year >= 1900", "{\"year\":\"1994\"}", QF_TRI_UNKNOWN },
	{ "year >= 1900 or year is null", "{}", QF_TRI_TRUE },
	{ "not year >= 1900", "{}", QF_TRI_UNKNOWN },
	{ "n = 9007199254740993", "{\"n\":9007199254740992}", QF_TRI_FALSE },
	{ "n = 5", "{\"n\":5.0}", QF_TRI_TRUE },
	{ "tags = \"x\"", "{\"tags\":[\"x\",\"y\"]}", QF_TRI_TRUE },
	{ "tags != \"x\"", "{\"tags\":[\"x\",\"y\"]}", QF_TRI_FALSE },
	{ "tags != \"x\"", "{\"tags\":[]}", QF_TRI_TRUE },
	{ "tags != \"x\"", "{}", QF_TRI_UNKNOWN },
	{ "tags = 5", "{\"tags\":[4,\"x\"]}", QF_TRI_UNKNOWN },
	{ "parts.n > 1", "{\"parts\":[{\"n\":1},{\"n\":2}]}", QF_TRI_TRUE },
	{ "parts.n > 2", "{\"parts\":[{\"n\":1},{}]}", QF_TRI_UNKNOWN },
	{ "length(tags) = 0", "{\"tags\":[]}", QF_TRI_TRUE },
	{ "exists tags", "{\"tags\":null}", QF_TRI_TRUE },
	{ "tags is null", "{\"tags\":[]}", QF_TRI_FALSE },
	{ "tags[] is null", "{\"tags\":[]}", QF_TRI_TRUE },
	{ "lower(lang) in [\"en\", \"de\"]", "{\"lang\":\"DE\"}", QF_TRI_TRUE },
	{ "title matches /^the /i", "{\"title\":\"The End\"}", QF_TRI_TRUE },
	{ "day = date(\"2024-05-31T10:00:00+02:00\")", "{\"day\":\"2024-05-31T08:00:00Z\"}", QF_TRI_TRUE },
	{ "day = \"2024-05-31T10:00:00+02:00\"", "{\"day\":\"2024-05-31T08:00:00Z\"}", QF_TRI_FALSE },
	{ "published and `in` = 1", "{\"published\":true,\"in\":1}", QF_TRI_TRUE },
	{ NULL, NULL, QF_TRI_UNKNOWN },
};
