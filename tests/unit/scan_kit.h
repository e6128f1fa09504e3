/* A scan of one folder with rules of its own. */
#ifndef QF_TESTS_SCAN_KIT_H
#define QF_TESTS_SCAN_KIT_H

#include "tests/unit/tree_kit.h"
#include "tools/align/scan/scan.h"

struct scan {
	char *dir;
	struct qf_files files;
	struct qf_rules rules;
	struct qf_result result;
	struct qf_scan_names names;
	bool *candidate;
	struct qf_err err;
};

/* Two systems, the first by two words. */
#define PLAIN_RULES \
	"systems:\n" \
	"  - name: weaviate\n    patterns: [weaviate, weav-client]\n    hint: use Qdrant\n" \
	"  - name: snowflake\n    patterns: [snowflake]\n"

/* The same, with a module and allowances. */
#define ALLOW_RULES \
	"systems:\n  - name: weaviate\n    patterns: [weaviate]\n  - name: snowflake\n    patterns: [snowflake]\n" \
	"modules:\n  - from: old.mod\n    to: new.mod\n" \
	"allow:\n" \
	"  - paths: [vendor/]\n    reason: not ours\n" \
	"  - tokens: [pulumi_snowflake, snowflake-id]\n    systems: [snowflake]\n    reason: a library\n" \
	"  - paths: [nowhere]\n    reason: nothing there\n"

static inline void scan_open(struct scan *s, const char *rules)
{
	*s = (struct scan){ .dir = tree_new() };
	tree_text(s->dir, QF_RULES_FILE, rules);
	ck_assert_msg(qf_rules_read(&s->rules, NULL, s->dir, "2025-06-01", &s->err) == 0, "%s", s->err.msg);
}

static inline void scan_run(struct scan *s, unsigned threads)
{
	struct qf_files_opts fo = { .root = s->dir };
	struct qf_scan_opts so = { .files = &s->files, .rules = &s->rules, .names = &s->names, .today = "2025-06-01",
				   .threads = threads };

	qf_files_release(&s->files);
	qf_result_release(&s->result);
	free(s->candidate);
	ck_assert_msg(qf_files_list(&fo, &s->files, &s->result, &s->err) == 0, "%s", s->err.msg);
	s->candidate = qf_calloc(s->files.n + 1, sizeof(bool));
	ck_assert_msg(qf_scan_run(&so, s->candidate, &s->result, &s->err) == 0, "%s", s->err.msg);
}

static inline void scan_close(struct scan *s)
{
	qf_files_release(&s->files);
	qf_result_release(&s->result);
	qf_rules_release(&s->rules);
	free(s->candidate);
	tree_remove(s->dir);
}

static inline const struct qf_note *note(const struct scan *s, enum qf_note_kind kind, const char *path)
{
	for (size_t i = 0; i < s->result.n_notes; i++)
		if (s->result.notes[i].kind == kind && strcmp(s->result.notes[i].path, path) == 0)
			return &s->result.notes[i];
	return NULL;
}

static inline const struct qf_finding *at_line(const struct scan *s, const char *path, unsigned line, const char *rule)
{
	for (size_t i = 0; i < s->result.n; i++) {
		const struct qf_finding *f = &s->result.findings[i];

		if (strcmp(f->path, path) == 0 && f->line == line && strcmp(f->rule, rule) == 0)
			return f;
	}
	return NULL;
}

#define ck_assert_slice(s, literal) \
	ck_assert_msg(qf_str_is((s), (literal)), "'%.*s' instead of '%s'", QF_STR_ARG(s), (literal))

#endif
