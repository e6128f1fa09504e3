/* Numbers, names and fingerprints that several forms of a report share. */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "tools/align/report/show.h"
#include "tools/align/report/summary.h"

const char *qf_finding_kind_name(enum qf_finding_kind kind)
{
	static const char *const names[] = { "forbidden", "leftover", "pending" };

	return names[kind];
}

const char *qf_suppression_name(enum qf_suppression suppression)
{
	static const char *const names[QF_SUPPRESSIONS] = { "", "inline", "path", "token", "baseline" };

	return names[suppression];
}

const char *qf_note_kind_name(enum qf_note_kind kind)
{
	static const char *const names[QF_NOTE_KINDS] = {
		"binary", "special",	"symlink",    "missing", "excluded", "submodule",
		"nested", "unreadable", "unparsable", "stale",	 "plan",
	};

	return names[kind];
}

/* ---- counts ---- */

static struct qf_summary_system *find_system(struct qf_summary *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->systems[i].name, name))
			return &s->systems[i];
	QF_GROW(s->systems, s->n, s->cap);
	s->systems[s->n] = (struct qf_summary_system){ .name = name };
	return &s->systems[s->n++];
}

/* Findings are sorted by path: a file is new where it is not the one that was counted last. */
static bool is_new(const char **last, const char *path)
{
	bool fresh = !*last || strcmp(*last, path);

	*last = path;
	return fresh;
}

static void count_forbidden(struct qf_summary *s, struct qf_summary_system *system, const struct qf_finding *f,
			    const struct qf_finding **last)
{
	bool same = *last && !strcmp((*last)->path, f->path);

	if (!f->line) {
		s->paths++;
		system->paths++;
		return;
	}
	s->findings++;
	s->hits += f->hits;
	s->files += !same;
	s->lines += !same || (*last)->line != f->line;
	*last = f;
	system->findings++;
	system->files += is_new(&system->last, f->path);
}

struct qf_summary qf_summary_make(const struct qf_result *result, const struct qf_rules *rules)
{
	struct qf_summary s = { 0 };
	const struct qf_finding *forbidden = NULL;
	const char *pending = NULL, *leftover = NULL;

	for (size_t i = 0; rules && i < rules->n_systems; i++)
		find_system(&s, rules->systems[i].name);
	for (size_t i = 0; i < result->n; i++) {
		const struct qf_finding *f = &result->findings[i];
		struct qf_summary_system *system = f->kind == QF_FORBIDDEN ? find_system(&s, f->rule) : NULL;

		if (f->suppression != QF_COUNTS) {
			s.suppressed[f->suppression]++;
			s.suppressed[QF_COUNTS]++;
		} else if (system) {
			count_forbidden(&s, system, f, &forbidden);
		} else if (f->kind == QF_PENDING) {
			s.pending += f->line != 0;
			s.moves += f->line == 0;
			s.pending_files += is_new(&pending, f->path);
		} else {
			s.leftovers++;
			s.leftover_files += is_new(&leftover, f->path);
		}
	}
	for (size_t i = 0; i < result->n_notes; i++)
		s.notes[result->notes[i].kind]++;
	return s;
}

void qf_summary_release(struct qf_summary *s)
{
	free(s->systems);
	*s = (struct qf_summary){ 0 };
}

/* ---- sentences ---- */

void qf_finding_message(struct qf_buf *out, const struct qf_finding *f)
{
	qf_show_utf8(out, qf_str(f->rule));
	if (f->kind == QF_PENDING)
		qf_buf_puts(out, f->line ? " has a new name; --fix would change this line" :
					   " has a new name; --fix would move this file");
	else if (f->kind == QF_LEFTOVER)
		QF_BUF_LIT(out, " is an old name and stays");
	else if (!f->line)
		QF_BUF_LIT(out, " is named by the path");
	else
		QF_BUF_LIT(out, " is named");
	if (f->hits > 1)
		qf_buf_printf(out, " %u times in this line", f->hits);
	if (f->message) {
		QF_BUF_LIT(out, ": ");
		qf_show_utf8(out, qf_str(f->message));
	}
}

/* ---- fingerprints ---- */

static int cmp_key(const void *a, const void *b)
{
	const struct qf_finding *x = *(const struct qf_finding *const *)a;
	const struct qf_finding *y = *(const struct qf_finding *const *)b;
	int d = strcmp(x->path, y->path);

	if (!d)
		d = (x->kind > y->kind) - (x->kind < y->kind);
	if (!d)
		d = strcmp(x->rule, y->rule);
	if (!d)
		d = (x->line_hash > y->line_hash) - (x->line_hash < y->line_hash);
	if (!d)
		d = (x->line != 0) - (y->line != 0);
	return d;
}

/* Those of one key stay in the order in which they stand in the file. */
static int cmp_key_order(const void *a, const void *b)
{
	const struct qf_finding *x = *(const struct qf_finding *const *)a;
	const struct qf_finding *y = *(const struct qf_finding *const *)b;
	int d = cmp_key(a, b);

	return d ? d : (x > y) - (x < y);
}

uint64_t *qf_finding_prints(const struct qf_result *result)
{
	uint64_t *prints = qf_calloc(result->n + 1, sizeof(*prints));
	QF_AUTO_FREE const struct qf_finding **keys = qf_calloc(result->n + 1, sizeof(*keys));
	QF_AUTO_BUF struct qf_buf text = { 0 };
	size_t nth = 0;

	for (size_t i = 0; i < result->n; i++)
		keys[i] = &result->findings[i];
	if (result->n)
		qsort(keys, result->n, sizeof(*keys), cmp_key_order);
	for (size_t i = 0; i < result->n; i++) {
		const struct qf_finding *f = keys[i];

		nth = i && !cmp_key(&keys[i - 1], &keys[i]) ? nth + 1 : 0;
		qf_buf_reset(&text);
		qf_buf_printf(&text, "%s\n%s%c%s\n%s %016llx %zu", qf_finding_kind_name(f->kind), f->rule, 0, f->path,
			      f->line ? "text" : "name", (unsigned long long)f->line_hash, nth);
		prints[f - result->findings] = XXH3_64bits(text.p, text.n);
	}
	return prints;
}
