/* move: {title: meta.title}: a property to another path, across objects too. */
#include "tools/transform/carry.h"

static const char usage[] = "move: {title: meta.title, address.city: city, sku: {to: label, over: true}}";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	return qf_carries_open(state, true, usage, conf, value, err);
}

static const struct qf_step_example examples[] = {
	{ "Into an object, and out of one", "move: {title: meta.title, address.city: city}",
	  "{\"title\":\"A\",\"address\":{\"city\":\"B\",\"zip\":\"1\"}}", "{\"address\":{\"zip\":\"1\"},\"meta\":{\"title\":\"A\"},\"city\":\"B\"}" },
	{ "An object's only member in its place", "move: {value.text: value}", "{\"value\":{\"text\":\"A\"}}", "{\"value\":\"A\"}" },
	{ "Something stands there", "move: {a: b}", "{\"a\":1,\"b\":2}",
	  "error: step 1 (move): collection 'A', id 1, line 1: 'a' cannot move to 'b', for there is 2; 'over: true' would replace it" },
};

const struct qf_step qf_step_move = {
	.name = "move",
	.help = "properties to other paths, across objects",
	.usage = usage,
	.group = "shape",
	.doc = "As `copy`, and the old one goes; `rename` gives a new name in the same place, and is cheaper. The value goes last in its "
	       "object; an object that has become empty stays. A value that stands at the new path is an error, unless it is null, or "
	       "the now empty object that the value came out of, or `over: true` is given. What is not there is not moved; null is. The schema follows, with the indexes.",
	.forms = QF_STEP_PAIRS,
	.pair_key = "FROM",
	.pair_value = "TO",
	.pair_opts = qf_carry_opts,
	.n_pair_opts = QF_CARRY_OPTS,
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct qf_carries),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = qf_carries_point,
	.collection = qf_carries_schema,
	.close = qf_carries_close,
};
