/*
 * Rules files, inline allowances, path patterns and baselines. The first byte chooses: 'r' the rest is a rules file,
 * 'l' a line, 'g' a path pattern, a line end and a path, 'b' a baseline; anything else is all of it as a rules file.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tests/fuzz/fuzz.h"
#include "tools/align/rules/allow.h"
#include "tools/align/rules/baseline.h"

/* Every text of the rules is read, so that a sanitizer sees one that is not there. */
static size_t weigh(const struct qf_names *names)
{
	size_t n = 0;

	for (size_t i = 0; i < names->n; i++) {
		FUZZ_CHECK(names->items[i][0], "an empty text");
		n += strlen(names->items[i]);
	}
	return n;
}

static void check_rules(const struct qf_rules *r)
{
	FUZZ_CHECK(r->n_systems + r->n_modules + r->n_symbols + r->n_moves + r->n_documents, "nothing to look for");
	for (size_t i = 0; i < r->n_systems; i++)
		FUZZ_CHECK(r->systems[i].name[0] && weigh(&r->systems[i].patterns) >= 3, "a system without a pattern");
	for (size_t i = 0; i < r->n_modules; i++)
		FUZZ_CHECK(strcmp(r->modules[i].from, r->modules[i].to) != 0, "a module to itself");
	for (size_t i = 0; i < r->n_moves; i++)
		FUZZ_CHECK(!strstr(r->moves[i].to, "../") && r->moves[i].to[0] != '/' && strlen(r->moves[i].to) > 3, "a move to %s",
			   r->moves[i].to);
	for (size_t i = 0; i < r->n_documents; i++)
		FUZZ_CHECK(r->documents[i].paths && r->documents[i].n, "a document rule without words");
	for (size_t i = 0; i < r->n_allow; i++) {
		struct qf_allowance *a = &r->allow[i];

		FUZZ_CHECK(a->reason && a->reason[0], "no reason");
		FUZZ_CHECK(a->paths || weigh(&a->systems) || weigh(&a->tokens), "an allowance of everything");
		FUZZ_CHECK(!a->until || strlen(a->until) == 10, "until");
	}
	qf_allow_find(r, "a/b/c.py", "weaviate", QF_STR("weaviate"));
	qf_globs_match(r->exclude, "a/b/c.py");
}

/* A file of the bytes, by its name. */
static int make_file(const void *data, size_t size, char path[64])
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	FUZZ_CHECK(fd >= 0 && write(fd, data, size) == (ssize_t)size, "no file");
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

static void fuzz_rules(const uint8_t *data, size_t size)
{
	char path[64];
	struct qf_rules r;
	struct qf_err err = { 0 };
	int fd = make_file(data, size, path);

	if (qf_rules_read(&r, path, "/", "2026-01-31", &err) == 0)
		check_rules(&r);
	else
		FUZZ_CHECK(err.code == QF_E_CONFIG && !strncmp(err.msg, path, strlen(path)), "%d %s", err.code, err.msg);
	qf_rules_release(&r);
	close(fd);
}

static void fuzz_line(const uint8_t *data, size_t size)
{
	static struct qf_rules rules;
	const char *p = (const char *)data;
	struct qf_inline a;
	struct qf_err err;

	if (!rules.n_systems)
		FUZZ_CHECK(qf_rules_read(&rules, NULL, "/", "2026-01-31", &err) == 0, "%s", err.msg);
	a = qf_inline_parse(&rules, (struct qf_str){ p, size }, "2026-01-31");
	if (!a.found)
		return;
	FUZZ_CHECK(a.systems.p >= p && a.systems.p + a.systems.n <= p + size, "systems outside of the line");
	FUZZ_CHECK(!a.reason.n || (a.reason.p >= p && a.reason.p + a.reason.n <= p + size), "the reason outside of the line");
	FUZZ_CHECK(a.error || a.reason.n, "no reason");
	FUZZ_CHECK(!a.error || !qf_inline_allows(&a, "weaviate"), "allowed by mistake");
}

static void fuzz_glob(const uint8_t *data, size_t size)
{
	QF_AUTO_FREE char *pattern = qf_strndup((const char *)data, size);
	char *path = strchr(pattern, '\n');
	const char *one = pattern;
	struct qf_globs *g;
	struct qf_err err;

	if (!path)
		return;
	*path++ = '\0';
	g = qf_globs_new(&one, 1, &err);
	FUZZ_CHECK(g || err.code == QF_E_CONFIG, "%s", err.msg);
	/* What fits a folder fits everything below it. */
	if (g && qf_globs_match(g, path)) {
		QF_AUTO_FREE char *below = qf_asprintf("%s/x", path);

		FUZZ_CHECK(qf_globs_match(g, below), "%s fits %s and not what is below", pattern, path);
	}
	qf_globs_free(g);
}

/* What is read and written again is a fixed point. */
static void fuzz_baseline(const uint8_t *data, size_t size)
{
	QF_AUTO_BUF struct qf_buf one = { 0 }, two = { 0 };
	struct qf_result none = { 0 };
	struct qf_baseline *b;
	struct qf_err err;
	size_t added, removed;
	char path[64];
	int fd = make_file(data, size, path);

	if (qf_baseline_read(path, &b, &err) < 0) {
		FUZZ_CHECK(err.code == QF_E_CONFIG && !strncmp(err.msg, path, strlen(path)), "%d %s", err.code, err.msg);
		close(fd);
		return;
	}
	close(fd);
	qf_baseline_update(b, &none, false, false, &one, &added, &removed);
	qf_baseline_free(b);
	fd = make_file(one.p ? one.p : "", one.n, path);
	FUZZ_CHECK(!added && !removed && qf_baseline_read(path, &b, &err) == 0, "%s", err.msg);
	close(fd);
	qf_baseline_update(b, &none, false, false, &two, &added, &removed);
	FUZZ_CHECK(qf_str_eq(qf_buf_str(&one), qf_buf_str(&two)), "not a fixed point");
	qf_baseline_free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	setenv("QF_A", "value ${QF_A} *x", 1);
	if (size && data[0] == 'l')
		fuzz_line(data + 1, size - 1);
	else if (size && data[0] == 'g')
		fuzz_glob(data + 1, size - 1);
	else if (size && data[0] == 'b')
		fuzz_baseline(data + 1, size - 1);
	else if (size && data[0] == 'r')
		fuzz_rules(data + 1, size - 1);
	else
		fuzz_rules(data, size);
	return 0;
}
