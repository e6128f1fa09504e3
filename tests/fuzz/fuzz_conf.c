/* Settings files: any bytes give a tree or an error that names a place; never more than that. */
#include "common/base/buf.h"
#include "common/base/conf.h"
#include "tests/fuzz/fuzz.h"

static size_t walk(const struct qf_node *n, int depth)
{
	size_t count = 1;

	FUZZ_CHECK(depth <= 33, "deeper than the limit");
	FUZZ_CHECK(n->line > 0 && n->column > 0, "a node without a place");
	FUZZ_CHECK(n->kind != QF_NODE_SCALAR || n->text, "a scalar without text");
	for (const struct qf_node *c = n->child; c; c = c->next) {
		FUZZ_CHECK(!c->key == (n->kind != QF_NODE_MAP), "a key where none belongs");
		FUZZ_CHECK(n->kind != QF_NODE_MAP || qf_node_get(n, c->key) == c, "a key stands twice");
		count += walk(c, depth + 1);
	}
	return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "source", "target", "steps" };
	QF_AUTO_BUF struct qf_buf json = { 0 };
	struct qf_err err = { 0 };
	struct qf_conf c;

	setenv("QF_A", "value ${QF_A} *x", 1);
	if (qf_conf_parse(&c, "plan.yaml", (const char *)data, size, &err) < 0) {
		FUZZ_CHECK(err.code == QF_E_CONFIG && !strncmp(err.msg, "plan.yaml:", 10), "%d %s", err.code, err.msg);
	} else if (c.root) {
		FUZZ_CHECK(walk(c.root, 0) <= 100 * (size + 100), "more nodes than the limit of aliases allows");
		qf_node_to_json(c.root, &json);
		FUZZ_CHECK(json.n && qf_utf8_valid(json.p, json.n) && !memchr(json.p, '\n', json.n), "no line of JSON");
		if (qf_node_check_keys(&c, c.root, "plan", names, QF_LEN(names), &err) < 0)
			FUZZ_CHECK(err.code == QF_E_CONFIG, "%s", err.msg);
	}
	qf_conf_release(&c);
	return 0;
}
