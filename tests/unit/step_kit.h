/*
 * Tables of what steps make of lines. A line that is no line of a stream is a payload: of a point of
 * collection A whose id is the line's number. What comes out is written the same way; the last line
 * may be "error: <message>".
 */
#ifndef QF_TESTS_STEP_KIT_H
#define QF_TESTS_STEP_KIT_H

#include "common/data/stream.h"
#include "tests/unit/unit.h"
#include "tools/transform/steps.h"

#define STEP_POINT "{\"type\":\"point\",\"collection\":\"A\",\"id\":"

/* Steps in YAML, one a line: "set: {a: 1}" or "{set: {a: 1}, collections: [A]}". */
struct step_case {
	const char *name, *steps, *in, *out;
};

static inline int step_chain_open(struct qf_chain *c, const char *steps, struct qf_err *err)
{
	while (*steps) {
		size_t n = strcspn(steps, "\n");
		char *step = *steps == '{' ? qf_strndup(steps, n) : qf_asprintf("{%.*s}", (int)n, steps);
		int rc;

		/* "reseal" alone is a word, no map. */
		if (!memchr(steps, ':', n)) {
			free(step);
			step = qf_strndup(steps, n);
		}
		rc = qf_chain_add_text(c, step, err);
		free(step);
		if (rc < 0)
			return -1;
		steps += n + (steps[n] == '\n');
	}
	return 0;
}

/* Lines into a batch. text holds them as long as the batch lives. */
static inline void step_lines(struct qf_batch *b, const char *lines)
{
	struct qf_err err;

	for (uint64_t no = 1; *lines; no++) {
		size_t n = strcspn(lines, "\n");
		struct qf_record *rec = qf_batch_add(b, QF_REC_POINT);
		struct qf_str line = qf_arena_dup(&b->arena, lines, n);

		if (qf_str_starts(line, "scope ")) {
			/* "scope A" or "scope A/tenant", and " why" where it is not whole. */
			size_t name = strcspn(line.p + 6, "/ "), all = strcspn(line.p + 6, " ");

			*rec = (struct qf_record){ .type = QF_REC_SCOPE, .whole = all == line.n - 6 };
			rec->collection = (struct qf_str){ line.p + 6, name };
			if (all > name)
				rec->tenant = (struct qf_str){ line.p + 7 + name, all - name - 1 };
			if (!rec->whole)
				rec->why = (struct qf_str){ line.p + 7 + all, line.n - 7 - all };
		} else {
			if (!qf_str_starts(line, "{\"type\":\""))
				line = qf_arena_printf(&b->arena, STEP_POINT "%llu,\"payload\":%s}",
						       (unsigned long long)no, line.p);
			ck_assert_msg(qf_line_parse(line, 64, rec, &b->arena, &err) == 0, "%s: %s", line.p, err.msg);
		}
		rec->line_no = no;
		lines += n + (lines[n] == '\n');
	}
}

/* What a batch holds, as lines; points of A with a payload and no vector as their payloads. */
static inline void step_show(struct qf_batch *b, struct qf_buf *out)
{
	struct qf_err err;

	for (size_t i = 0; i < b->n; i++) {
		struct qf_record *rec = &b->rec[i];

		if (out->n)
			qf_buf_addc(out, '\n');
		if (rec->type == QF_REC_POINT && qf_str_is(rec->collection, "A") && !rec->tenant.p && !rec->vecs &&
		    !rec->vector.p && !rec->error.p && rec->payload.p && rec->id.kind == QF_ID_NUM)
			qf_buf_add_str(out, rec->payload);
		else if (rec->type == QF_REC_SCOPE)
			qf_buf_printf(out, "scope %.*s%s%.*s %llu%s%.*s", QF_STR_ARG(rec->collection),
				      rec->tenant.p ? "/" : "", QF_STR_ARG(rec->tenant),
				      (unsigned long long)rec->rejected, rec->whole ? "" : " ", QF_STR_ARG(rec->why));
		else if (rec->line.p)
			qf_buf_add_str(out, rec->line);
		else
			ck_assert_msg(qf_line_write(rec, QF_VECTORS_KEEP, out, &err) == 0, "%s", err.msg);
	}
}

/* Runs one case; what came out instead, malloced, or NULL if it is right. */
static inline char *step_differs(const struct step_case *k)
{
	struct qf_chain *c = qf_chain_new();
	struct qf_batch b = { 0 };
	struct qf_buf out = { 0 };
	struct qf_err err = { 0 };
	char *ret;
	int rc = step_chain_open(c, k->steps, &err);

	if (rc == 0) {
		step_lines(&b, k->in);
		rc = qf_chain_apply(c, &b, &err);
	}
	if (rc == 0)
		step_show(&b, &out);
	else
		qf_buf_printf(&out, "error: %s", err.msg);
	ret = strcmp(qf_buf_cstr(&out), k->out) != 0 ? qf_strdup(qf_buf_cstr(&out)) : NULL;
	qf_chain_free(c);
	qf_batch_release(&b);
	qf_buf_release(&out);
	return ret;
}

/* All of a table; every failure is shown. */
static inline void step_table(const struct step_case *cases, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++) {
		char *got = step_differs(&cases[i]);

		if (got)
			fprintf(stderr, "%s (%s)\n in   %s\n got  %s\n want %s\n", cases[i].name, cases[i].steps,
				cases[i].in, got, cases[i].out);
		failed += got != NULL;
		free(got);
	}
	ck_assert_msg(failed == 0, "%zu of %zu cases differ", failed, n);
}

#endif
