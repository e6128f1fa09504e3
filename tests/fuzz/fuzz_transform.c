/*
 * A mapping and lines through its steps. The input is the mapping, a line "---", then lines of a
 * stream; a line that is none of a stream is a payload. Whatever the steps make of a record must be
 * a line that reads back, once with the records in one batch and once one by one: what is pure must
 * give the same.
 */
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/data/stream.h"
#include "tests/fuzz/fuzz.h"
#include "tools/transform/steps.h"

/* Steps that reach out of the process are not for random settings. */
static const char *const outside[] = { "embed", "lookup" };

static bool reaches_out(const struct qf_chain *c)
{
	QF_AUTO_BUF struct qf_buf settings = { 0 };

	for (size_t i = 0; i < QF_LEN(outside); i++)
		if (qf_chain_has(c, outside[i], NULL))
			return true;
	/* dedupe writes a report where it is told to. */
	qf_chain_settings(c, &settings);
	return settings.n && memmem(settings.p, settings.n, "\"report\":", 9);
}

static void take_line(struct qf_batch *b, struct qf_str line, uint64_t no)
{
	struct qf_record rec;
	struct qf_err err;

	if (!qf_str_starts(line, "{\"type\":"))
		line = qf_arena_printf(&b->arena, "{\"type\":\"point\",\"collection\":\"A\",\"id\":%llu,\"payload\":%.*s}",
				       (unsigned long long)no, (int)line.n, line.p);
	if (qf_line_parse(line, 64, &rec, &b->arena, &err) < 0)
		return;
	rec.line_no = no;
	*qf_batch_add(b, rec.type) = rec;
}

static void show(struct qf_batch *b, struct qf_buf *out)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	struct qf_record again;
	struct qf_str line;
	struct qf_err err;

	for (size_t i = 0; i < b->n; i++) {
		struct qf_record *rec = &b->rec[i];
		size_t from = out->n;

		FUZZ_CHECK(!rec->tree && !rec->refused.p, "a record is not finished");
		if (rec->type == QF_REC_SCOPE || rec->type == QF_REC_END)
			continue;
		if (rec->line.p)
			qf_buf_add_str(out, rec->line);
		else if (qf_line_write(rec, QF_VECTORS_BASE64, out, &err) < 0)
			FUZZ_CHECK(false, "a record cannot be written: %s", err.msg);
		line = (struct qf_str){ out->p + from, out->n - from };
		FUZZ_CHECK(qf_line_parse(line, 64, &again, &arena, &err) == 0,
			   "what came out does not read back: %s: %.*s", err.msg, (int)line.n, line.p);
		qf_buf_addc(out, '\n');
	}
}

/* 0: through; -1: the mapping is none, or a point was refused. each: one record a batch. */
static int run(const char *mapping, size_t n, struct qf_str lines, bool each, struct qf_buf *out, bool *pure)
{
	struct qf_chain *c = qf_chain_new();
	struct qf_conf conf = { 0 };
	struct qf_batch b = { 0 };
	struct qf_err err;
	int rc = qf_conf_parse(&conf, "mapping", mapping, n, &err);

	if (rc == 0)
		rc = qf_chain_add_conf(c, &conf, &err);
	if (rc == 0 && reaches_out(c))
		rc = -1;
	*pure = qf_chain_pure(c);
	for (uint64_t no = 1; rc == 0 && lines.n; no++) {
		const char *end = memchr(lines.p, '\n', lines.n);
		struct qf_str line = { lines.p, end ? (size_t)(end - lines.p) : lines.n };

		take_line(&b, line, no);
		lines.p += line.n + (end != NULL);
		lines.n -= line.n + (end != NULL);
		if (each || !lines.n) {
			rc = qf_chain_apply(c, &b, &err);
			if (rc == 0)
				show(&b, out);
			qf_batch_reset(&b);
		}
	}
	qf_batch_release(&b);
	qf_chain_free(c);
	qf_conf_release(&conf);
	return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	QF_AUTO_BUF struct qf_buf one = { 0 }, two = { 0 };
	const char *p = (const char *)data, *cut = memmem(p, size, "\n---\n", 5);
	struct qf_str lines;
	bool pure;

	qf_log_init("fuzz", QF_LOG_ERROR, false);
	if (!cut || size > 1 << 16)
		return 0;
	lines = (struct qf_str){ cut + 5, size - (size_t)(cut + 5 - p) };
	if (run(p, (size_t)(cut + 1 - p), lines, false, &one, &pure) < 0)
		return 0;
	if (run(p, (size_t)(cut + 1 - p), lines, true, &two, &pure) == 0 && pure)
		FUZZ_CHECK(qf_str_eq(qf_buf_str(&one), qf_buf_str(&two)), "one by one it is\n%s\nat once\n%s",
			   qf_buf_cstr(&two), qf_buf_cstr(&one));
	return 0;
}
