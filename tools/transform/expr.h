/*
 * Conditions over a record: `year >= 1900 and lang in ["en", "de"] and not exists draft`. A small
 * language of its own, compiled once, evaluated for each record. docs/TRANSFORM.md says what it
 * means to those who write it; in short:
 *
 *   condition  = and-chain { "or" and-chain }
 *   and-chain  = negation { "and" negation }
 *   negation   = [ "not" ] test
 *   test       = "(" condition ")" | "exists" path | value [ comparison ]
 *   comparison = ( "=" | "==" | "!=" | "<>" | "<" | "<=" | ">" | ">=" ) value
 *              | "is" [ "not" ] "null"
 *              | [ "not" ] "in" ( "[" literal { "," literal } "]" | path )
 *              | [ "not" ] "matches" ( /regex/ [ "i" ] | text )
 *              | [ "not" ] ( "starts_with" | "ends_with" | "contains" ) value
 *   value      = number | text | "true" | "false" | path | "@id" | "@tenant" | "@collection"
 *              | ( "lower" | "upper" | "length" | "date" ) "(" value ")"
 *   text       = "..." | '...', with the escapes of JSON and \'
 *   path       = part { "." part }, part = ( name | `name` | "name" ) { "[]" }; a path that begins
 *                with a name in double quotes must go on, for "name" alone is a text
 *
 * Three values: true, false, unknown. What is absent, null or of another type than it is compared
 * with makes a test unknown; `exists` and `is null` never are. not unknown is unknown; unknown or
 * true is true; unknown and false is false. An array that a path meets, in its middle or at its
 * end, stands for its elements: a test is the `or` of the tests of each, so it is true when one
 * element makes it true, and false for an empty array. `a != b` is `not a = b`, `a not in b` is
 * `not a in b`, and so on, with arrays too. length() counts the characters of a text, the elements
 * of an array and the members of an object. It, `exists` and `is null` take the array at the end of
 * a path as a whole, and with `x[]` its elements; else the brackets make no difference.
 *
 * Numbers are compared by value, exactly, whatever their size and form: 5 = 5.0, and 2^53+1 is not
 * 2^53. Texts are compared by code point. RFC 3339 times are texts too; with date() on one side
 * both are moments in time, to the nanosecond.
 */
#ifndef QF_TRANSFORM_EXPR_H
#define QF_TRANSFORM_EXPR_H

#include "common/base/buf.h"
#include "common/base/conf.h"
#include "common/data/record.h"
#include "tools/transform/path.h"

enum { QF_EXPR_MAX_LENGTH = 64 << 10, QF_EXPR_MAX_DEPTH = 64 };

/* The numbers make `not` a subtraction. */
enum qf_tri { QF_TRI_FALSE, QF_TRI_UNKNOWN, QF_TRI_TRUE };

struct qf_expr;

/*
 * Compiles a condition. Error: QF_E_CONFIG "at character 12: <reason>: <text> <here><text>", counted
 * in code points from 1; *at (may be NULL) is that number. Longer than QF_EXPR_MAX_LENGTH bytes or
 * nested deeper than QF_EXPR_MAX_DEPTH is an error too.
 */
int qf_expr_new(struct qf_str text, struct qf_expr **ret, size_t *at, struct qf_err *err) QF_CHECK;
void qf_expr_free(struct qf_expr *e);

/* The same from a scalar of YAML; errors carry file, line and column. usage: an example to show. */
int qf_expr_of_node(const struct qf_conf *conf, const struct qf_node *node, const char *usage,
		    struct qf_expr **ret, struct qf_err *err) QF_CHECK;

/*
 * The condition's value for a point: its payload (read through payload.h, so it is parsed once for
 * a whole chain), id, tenant and collection. Error: QF_E_DATA, without the record's place (a payload
 * that is no object, a regex that gives up on a text).
 */
int qf_expr_eval(struct qf_expr *e, struct qf_record *rec, struct qf_arena *arena,
		 enum qf_tri *ret, struct qf_err *err) QF_CHECK;

/*
 * What it reads: bits 1 << QF_PATH_PAYLOAD and so on. One that does not read the payload holds for
 * deletes as well; one that reads neither it nor the id, for cursors and scopes.
 */
unsigned qf_expr_reads(const struct qf_expr *e);

/* The condition with all its parentheses, in one form for all ways to write it. */
void qf_expr_write(const struct qf_expr *e, struct qf_buf *out);

const char *qf_tri_name(enum qf_tri t);

/* The manual of the language in Markdown, without a heading. */
extern const char qf_expr_doc[];
/* What stands in it as a table, and is run by a test; ended by a NULL text. */
struct qf_expr_example {
	const char *text, *payload;
	enum qf_tri value;
};
extern const struct qf_expr_example qf_expr_examples[];

/* What a moment is: seconds since 1970 in UTC, and nanoseconds from 0. */
struct qf_moment {
	int64_t seconds;
	int32_t nanos;
};

/*
 * RFC 3339: "1994-03-01T08:30:00.5+01:00", also with a blank or small letters for T and Z; a bare
 * date is its midnight in UTC. Digits behind the ninth of a fraction do not count; second 60 is the
 * next minute's 0. -1: anything else, as a time without a zone.
 */
int qf_moment_parse(struct qf_str text, struct qf_moment *ret) QF_CHECK;

#endif
