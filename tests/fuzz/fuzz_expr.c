/*
 * A condition, a line feed, a payload. What compiles is written in one form that compiles to the
 * same; the laws of three values hold for it on the payload.
 */
#include "tests/fuzz/fuzz.h"
#include "tools/transform/expr.h"

enum { GAVE_UP = -1 };

static int value(const char *before, struct qf_str text, const char *behind, struct qf_record *rec,
		 struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf whole = { 0 };
	struct qf_err err = { 0 };
	struct qf_expr *e;
	enum qf_tri t;
	int rc;

	qf_buf_puts(&whole, before);
	qf_buf_add_str(&whole, text);
	qf_buf_puts(&whole, behind);
	rc = qf_expr_new(qf_buf_str(&whole), &e, NULL, &err);
	FUZZ_CHECK(rc == 0 || strstr(err.msg, "allowed") || strstr(err.msg, "nested deeper"), "%s%.*s%s: %s", before,
		   (int)text.n, text.p, behind, err.msg);
	if (rc < 0)
		return GAVE_UP;
	rc = qf_expr_eval(e, rec, arena, &t, &err);
	qf_expr_free(e);
	FUZZ_CHECK(rc == 0 || err.code == QF_E_DATA, "%s", err.msg);
	return rc == 0 ? (int)t : GAVE_UP;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf one = { 0 }, two = { 0 };
	const char *p = (const char *)data, *feed = size ? memrchr(p, '\n', size) : NULL;
	struct qf_str text = { p, feed ? (size_t)(feed - p) : size };
	struct qf_record rec = { .type = QF_REC_POINT, .collection = QF_STR("A"), .id = { .kind = QF_ID_NUM, .num = 7 } };
	struct qf_err err = { 0 };
	size_t at = 0;
	struct qf_expr *e;
	int plain, again;

	if (feed)
		rec.payload = (struct qf_str){ feed + 1, size - text.n - 1 };
	if (qf_expr_new(text, &e, &at, &err) < 0) {
		FUZZ_CHECK(err.code == QF_E_CONFIG && *err.msg && !strchr(err.msg, '\n'), "message: %s", err.msg);
		FUZZ_CHECK(at >= 1 && at <= text.n + 1, "place %zu of %zu", at, text.n);
		FUZZ_CHECK(qf_utf8_valid(err.msg, strlen(err.msg)), "the message is not UTF-8: %s", err.msg);
		return 0;
	}
	qf_expr_write(e, &one);
	qf_expr_free(e);
	/* The written form may be longer than what may be read. */
	if (qf_expr_new(qf_buf_str(&one), &e, NULL, &err) == 0) {
		qf_expr_write(e, &two);
		qf_expr_free(e);
		FUZZ_CHECK(qf_str_eq(qf_buf_str(&one), qf_buf_str(&two)), "%.*s became %.*s", (int)one.n, one.p,
			   (int)two.n, two.p);
	} else {
		FUZZ_CHECK(strstr(err.msg, "allowed") || strstr(err.msg, "nested deeper"), "%.*s: %s", (int)one.n, one.p,
			   err.msg);
		qf_buf_reset(&one);
		qf_buf_add_str(&one, text);
	}
	plain = value("", text, "", &rec, &arena);
	if (plain == GAVE_UP)
		return 0;
	again = value("", qf_buf_str(&one), "", &rec, &arena);
	FUZZ_CHECK(again == plain || again == GAVE_UP, "as written %d, not %d", again, plain);
	again = value("not (", text, ")", &rec, &arena);
	FUZZ_CHECK(again == 2 - plain || again == GAVE_UP, "its opposite is %d beside %d", again, plain);
	again = value("(", text, ") and true or false", &rec, &arena);
	FUZZ_CHECK(again == plain || again == GAVE_UP, "with what is neutral %d, not %d", again, plain);
	again = value("(", text, ") and false", &rec, &arena);
	FUZZ_CHECK(again == QF_TRI_FALSE || again == GAVE_UP, "and false is %d", again);
	return 0;
}
