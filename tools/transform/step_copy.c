/* copy: {title: name}: a property a second time, under another path. */
#include "tools/transform/carry.h"

static const char usage[] = "copy: {title: name, '@id': source.id, sku: {to: label, over: true}}";

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	return qf_carries_open(state, false, usage, conf, value, err);
}

static const struct qf_step_example examples[] = {
	{ "A property, and the id", "copy: {title: search.title, '@id': key}", "{\"title\":\"A\"}",
	  "{\"title\":\"A\",\"search\":{\"title\":\"A\"},\"key\":1}" },
	{ "Values of all objects of an array", "copy: {parts.name: names}", "{\"parts\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
	  "{\"parts\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"names\":[\"a\",\"b\"]}" },
	{ "Inside each object of an array", "copy: {parts.name: parts.label}", "{\"parts\":[{\"name\":\"a\"},{\"name\":\"b\"}]}",
	  "{\"parts\":[{\"name\":\"a\",\"label\":\"a\"},{\"name\":\"b\",\"label\":\"b\"}]}" },
};

const struct qf_step qf_step_copy = {
	.name = "copy",
	.help = "properties a second time, under other paths",
	.usage = usage,
	.group = "shape",
	.doc = "The value goes to the new path, last in its object; objects in the middle are made. Where the two paths share a beginning, "
	       "each object there is done for itself; values that lie in an array beyond that become an array. What is not there is not copied; null is. "
	       "A value that stands at the new path is an error, unless it is null or `over: true` is given. "
	       "@id, @tenant and @collection may be copied into the payload. The schema follows, with the indexes.",
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
