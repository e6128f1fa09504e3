/* The text of a new baseline, and of which files it must not judge. */
#include "common/data/json.h"
#include "tools/align/rules/baseline_entry.h"

static void write_path(struct qf_buf *out, const char *path)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/";

	if (qf_utf8_valid(path, strlen(path))) {
		QF_BUF_LIT(out, "\"path\":");
		qf_json_write_string(out, qf_str(path));
		return;
	}
	QF_BUF_LIT(out, "\"path_bytes\":\"");
	for (const char *p = path; *p; p++)
		if (strchr(plain, *p))
			qf_buf_addc(out, *p);
		else
			qf_buf_printf(out, "%%%02X", (unsigned char)*p);
	qf_buf_addc(out, '"');
}

static void write_entry(struct qf_buf *out, const struct qf_baseline_entry *e, size_t count)
{
	if (!count)
		return;
	QF_BUF_LIT(out, "{\"rule\":");
	qf_json_write_string(out, qf_str(e->rule));
	qf_buf_addc(out, ',');
	write_path(out, e->path);
	QF_BUF_LIT(out, ",\"line\":");
	qf_json_write_string(out, e->text);
	QF_BUF_LIT(out, ",\"count\":");
	qf_buf_add_u64(out, count);
	QF_BUF_LIT(out, "}\n");
}

static int cmp_entry(const void *a, const void *b)
{
	return qf_baseline_cmp(a, b);
}

/* The findings that count, as entries of one each, sorted. */
static void collect(const struct qf_result *result, struct qf_baseline *fresh)
{
	QF_AUTO_BUF struct qf_buf line = { 0 };

	for (size_t i = 0; i < result->n; i++) {
		const struct qf_finding *f = &result->findings[i];

		if (!qf_baseline_takes(f))
			continue;
		qf_buf_reset(&line);
		qf_baseline_line(f, &line);
		QF_GROW(fresh->entry, fresh->n, fresh->cap);
		fresh->entry[fresh->n++] = (struct qf_baseline_entry){
			.path = f->path,
			.rule = f->rule,
			.text = qf_arena_dup(&fresh->arena, line.p ? line.p : "", line.n),
			.count = 1,
		};
	}
	if (fresh->n)
		qsort(fresh->entry, fresh->n, sizeof(*fresh->entry), cmp_entry);
}

static int cmp_path(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

const char **qf_baseline_unseen(const struct qf_result *result, size_t *n)
{
	const char **paths = qf_calloc(result->n_notes + 1, sizeof(*paths));

	*n = 0;
	for (size_t i = 0; i < result->n_notes; i++) {
		const struct qf_note *note = &result->notes[i];

		if (note->path && (note->kind == QF_NOTE_UNREADABLE || note->kind == QF_NOTE_UNPARSABLE ||
				   note->kind == QF_NOTE_MISSING || note->kind == QF_NOTE_SUBMODULE ||
				   note->kind == QF_NOTE_NESTED))
			paths[(*n)++] = note->path;
	}
	qsort(paths, *n, sizeof(*paths), cmp_path);
	return paths;
}

bool qf_baseline_is_unseen(const char *const *unseen, size_t n, const char *path)
{
	QF_AUTO_FREE char *part = qf_strdup(path);
	const char *key = part, *root = ".";

	if (!n)
		return false;
	if (bsearch(&root, unseen, n, sizeof(*unseen), cmp_path))
		return true;
	for (char *slash; !bsearch(&key, unseen, n, sizeof(*unseen), cmp_path); *slash = '\0') {
		slash = strrchr(part, '/');
		if (!slash)
			return false;
	}
	return true;
}

void qf_baseline_update(const struct qf_baseline *b, const struct qf_result *result, bool prune, bool grow,
			struct qf_buf *out, size_t *added, size_t *removed)
{
	struct qf_baseline *fresh = qf_baseline_new();
	size_t i = 0, k = 0, n_unseen;
	QF_AUTO_FREE const char **unseen = qf_baseline_unseen(result, &n_unseen);

	*added = *removed = 0;
	if (grow)
		collect(result, fresh);
	while (i < b->n || k < fresh->n) {
		int d = i == b->n ? 1 : k == fresh->n ? -1 : qf_baseline_cmp(&b->entry[i], &fresh->entry[k]);
		const struct qf_baseline_entry *e = d <= 0 ? &b->entry[i++] : &fresh->entry[k];
		bool judge = prune && d <= 0 && !qf_baseline_is_unseen(unseen, n_unseen, e->path);
		size_t count = d > 0 ? 0 : judge ? e->found : e->count;

		*removed += d > 0 ? 0 : e->count - count;
		for (; k < fresh->n && !qf_baseline_cmp(e, &fresh->entry[k]); k++, count++)
			++*added;
		write_entry(out, e, count);
	}
	qf_baseline_free(fresh);
}
