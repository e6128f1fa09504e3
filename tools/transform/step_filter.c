/* filter: a condition; points for which it is not true go no further. */
#include "common/base/log.h"
#include "tools/transform/expr.h"
#include "tools/transform/steps.h"

static const char usage[] = "filter: 'year >= 1900 and lang in [\"en\", \"de\"]'";

struct state {
	struct qf_expr *condition;
	const char *text;	 /* the node's, which lives as long as the chain */
	uint64_t points, dropped, unknown;
	char *first;		 /* of the unknown ones */
};

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;

	s->text = value ? value->text : NULL;
	return qf_expr_of_node(conf, value, usage, &s->condition, err);
}

static int filter_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	enum qf_tri t;

	if (qf_expr_eval(s->condition, rec, arena, &t, err) < 0)
		return -1;
	s->points++;
	if (t == QF_TRI_TRUE)
		return QF_STEP_KEEP;
	s->dropped++;
	if (t == QF_TRI_UNKNOWN && !s->unknown++)
		s->first = qf_strdup(qf_record_where(rec, arena));
	return QF_STEP_DROP;
}

/* Said at the end, for streams may be joined. A misspelt name drops everything without a sound. */
static void step_close(void *state)
{
	struct state *s = state;

	if (s->points && s->unknown == s->points)
		qf_warn("step filter: '%s' was unknown for every point, as for %s; is a name misspelt, or a value of "
			"another type?", s->text, s->first);
	else if (s->dropped)
		qf_info("step filter: %llu of %llu points left out by '%s', for %llu of them it was unknown%s%s",
			(unsigned long long)s->dropped, (unsigned long long)s->points, s->text,
			(unsigned long long)s->unknown, s->first ? ", as for " : "", s->first ? s->first : "");
	qf_expr_free(s->condition);
	free(s->first);
}

static const struct qf_step_example examples[] = {
	{ "Two tests joined by a word", "filter: 'year >= 1900 and lang in [\"en\", \"de\"]'",
	  "{\"year\":1994,\"lang\":\"de\"}\n{\"year\":1899,\"lang\":\"de\"}\n{\"year\":1994,\"lang\":\"fr\"}",
	  "{\"year\":1994,\"lang\":\"de\"}" },
	{ "Absent, null and another type are unknown, and unknown does not pass", "filter: 'year >= 1900'",
	  "{\"year\":1900}\n{}\n{\"year\":null}\n{\"year\":\"1994\"}", "{\"year\":1900}" },
	{ "Nor does its opposite; ask for them by name", "filter: 'year is null or not year >= 1900'",
	  "{\"year\":1900}\n{}\n{\"year\":null}\n{\"year\":\"1994\"}\n{\"year\":5}",
	  "{}\n{\"year\":null}\n{\"year\":5}" },
	{ "One element is enough; an empty array has none", "filter: 'tags = \"x\"'",
	  "{\"tags\":[\"a\",\"x\"]}\n{\"tags\":[\"a\"]}\n{\"tags\":[]}\n{\"tags\":\"x\"}",
	  "{\"tags\":[\"a\",\"x\"]}\n{\"tags\":\"x\"}" },
	{ "Integers are exact beyond 2^53", "filter: 'n = 9007199254740993'",
	  "{\"n\":9007199254740992}\n{\"n\":9007199254740993}\n{\"n\":9007199254740993.0}",
	  "{\"n\":9007199254740993}\n{\"n\":9007199254740993.0}" },
	{ "A regex, characters and small letters as Unicode has them",
	  "filter: 'title matches /^über /i or length(title) = 2 or lower(title) = \"straße\"'",
	  "{\"title\":\"ÜBER DEN FLUSS\"}\n{\"title\":\"\\ud83d\\ude00!\"}\n{\"title\":\"STRAßE\"}\n{\"title\":\"Fluss\"}",
	  "{\"title\":\"ÜBER DEN FLUSS\"}\n{\"title\":\"\\ud83d\\ude00!\"}\n{\"title\":\"STRAßE\"}" },
	{ "Moments in time, whatever their zone", "filter: 'published >= date(\"1994-03-01\")'",
	  "{\"published\":\"1994-03-01T00:30:00+01:00\"}\n{\"published\":\"1994-03-01T00:00:00Z\"}\n{\"published\":\"soon\"}",
	  "{\"published\":\"1994-03-01T00:00:00Z\"}" },
	{ "Fields of the record; deletes and cursors always pass", "filter: '@tenant = \"acme\" and @id > 1'",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":2}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":1}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":3}\n"
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":4}\n"
	  "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":null}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"acme\",\"id\":2}\n"
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":4}\n"
	  "{\"type\":\"cursor\",\"collection\":\"A\",\"from\":null,\"to\":null}" },
	{ "A regex that would never end is an error of this point", "filter: 's matches /^(a|aa|a?b?)+$/'",
	  "{\"s\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\"}",
	  "error: step 1 (filter): collection 'A', id 1, line 1: the regex /^(a|aa|a?b?)+$/ gives up on a text of 65 "
	  "bytes: match limit exceeded; write it with less repetition inside repetition" },
};

const struct qf_step qf_step_filter = {
	.name = "filter",
	.help = "keep only the points for which a condition is true",
	.usage = usage,
	.group = "filters",
	.doc = "The condition stands in quotes, so that YAML leaves it alone; its language is described below. A point "
	       "passes when it is true. Where it is false or unknown the point goes no further: unknown is every "
	       "comparison with what is absent, null or of another type. Payloads are not changed. How many points "
	       "were left out is said at the end; a condition that was unknown for every point gets a warning.",
	.forms = QF_STEP_WORD | QF_STEP_TEXT,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_FILTER,
	.pure = true,
	.passes = "unchanged: a delete may be of a point that would not have passed, which does no harm; a scope stays "
		  "whole, so that a sync removes points that no longer pass",
	.open = step_open,
	.point = filter_point,
	.close = step_close,
};
