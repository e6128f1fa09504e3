/* The scanner and the tree take the same texts, and what the tree writes is a fixed point. */
#include "common/data/json.h"
#include "tests/fuzz/fuzz.h"

static bool scan(const char *p, size_t n)
{
	const char *why = NULL, *bad = NULL, *after = qf_json_skip(p, p + n, QF_JSON_MAX_DEPTH, &why, &bad);

	FUZZ_CHECK(after || (why && bad >= p && bad <= p + n), "no reason, or a place outside");
	while (after && after < p + n && (*after == ' ' || *after == '\t' || *after == '\r' || *after == '\n'))
		after++;
	return after == p + n;
}

/* The members of an object, by the scanner, must be those of the tree. */
static void members(const char *p, size_t n, const struct qf_json *doc, struct qf_arena *arena)
{
	struct qf_scan s = { .p = p, .end = p + n };
	const struct qf_json *m = doc->child;
	struct qf_str key;
	bool first = true;

	for (; qf_scan_member(&s, &first, &key, arena); m = m->next) {
		struct qf_str value = qf_scan_value(&s);

		FUZZ_CHECK(!s.why && value.n, "member without a value");
		FUZZ_CHECK(m && qf_str_eq(m->key, key), "another key");
	}
	FUZZ_CHECK(!s.why && !m, "%s", s.why ? s.why : "members are missing");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf one = { 0 }, two = { 0 };
	struct qf_json *doc, *again;
	const char *p = (const char *)data;
	struct qf_err err;
	bool good = scan(p, size);

	FUZZ_CHECK((qf_json_parse(&arena, p, size, "x", &doc, &err) == 0) == good, "scanner %d, tree %s", good,
		   good ? err.msg : "ok");
	if (!good)
		return 0;
	if (doc->type == QF_JSON_OBJECT)
		members(p, size, doc, &arena);
	qf_json_write(&one, doc);
	FUZZ_CHECK(scan(one.p, one.n), "what was written is not JSON");
	FUZZ_CHECK(qf_json_parse(&arena, one.p, one.n, "x", &again, &err) == 0, "%s", err.msg);
	qf_json_write(&two, again);
	FUZZ_CHECK(qf_str_eq(qf_buf_str(&one), qf_buf_str(&two)), "not a fixed point");
	qf_buf_reset(&two);
	qf_json_write(&two, qf_json_copy(&arena, doc));
	FUZZ_CHECK(qf_str_eq(qf_buf_str(&one), qf_buf_str(&two)), "the copy differs");
	return 0;
}
