/* Counts of an audit: findings are put in groups by a key, and each group is gone through in the order of the tree. */
#include "common/base/mem.h"
#include "tools/align/report/audit_count.h"

struct member {
	struct qf_str key;
	const struct qf_finding *f;
};

static int cmp_member(const void *a, const void *b)
{
	const struct member *x = a, *y = b;
	int d = qf_str_cmp(x->key, y->key);

	return d ? d : (x->f > y->f) - (x->f < y->f);
}

/* The folder of a path, `levels` deep, with the slash at its end; "." where there is none. */
static struct qf_str folder_of(const char *path, unsigned levels)
{
	size_t n = 0;

	for (const char *slash; levels-- && (slash = strchr(path + n, '/'));)
		n = (size_t)(slash - path) + 1;
	return n ? (struct qf_str){ path, n } : QF_STR(".");
}

static struct qf_str key_of(const struct qf_finding *f, enum qf_audit_by by)
{
	switch (by) {
	case QF_AUDIT_BY_SYSTEM:
		return qf_str(f->rule);
	case QF_AUDIT_BY_CATEGORY:
		return qf_str(qf_category_name(f->category));
	case QF_AUDIT_BY_FOLDER:
		return folder_of(f->path, 1);
	case QF_AUDIT_BY_FOLDER_2:
		return folder_of(f->path, 2);
	default:
		return QF_STR("all");
	}
}

/* last: the finding in a text that was counted before this one in the same group, or NULL. */
static void count(uint64_t *counts, const struct qf_finding *f, const struct qf_finding **last)
{
	bool same = *last && !strcmp((*last)->path, f->path);

	counts[QF_COUNT_SUPPRESSED] += f->suppression != QF_COUNTS;
	if (!f->line) {
		counts[QF_COUNT_PATHS]++;
		return;
	}
	counts[QF_COUNT_FILES] += !same;
	counts[QF_COUNT_LINES] += !same || (*last)->line != f->line;
	counts[QF_COUNT_FINDINGS]++;
	counts[QF_COUNT_OCCURRENCES] += f->hits;
	*last = f;
}

static struct qf_audit_row *find_row(struct qf_audit *audit, enum qf_audit_by by, struct qf_str name, size_t known)
{
	size_t from = 0, to = known;

	if (by == QF_AUDIT_BY_N)
		return &audit->total;
	/* The first `known` rows are sorted by name. */
	while (from < to) {
		size_t middle = (from + to) / 2;
		int d = qf_str_cmp(audit->table[by].row[middle].name, name);

		if (!d)
			return &audit->table[by].row[middle];
		if (d < 0)
			from = middle + 1;
		else
			to = middle;
	}
	QF_GROW(audit->table[by].row, audit->table[by].n, audit->table[by].cap);
	audit->table[by].row[audit->table[by].n] = (struct qf_audit_row){ .name = name };
	return &audit->table[by].row[audit->table[by].n++];
}

/* Groups one result by one key and adds its counts to the rows. */
static void add_table(struct qf_audit *audit, const struct qf_result *result, enum qf_audit_by by, bool before)
{
	QF_AUTO_FREE struct member *members = qf_calloc(result->n + 1, sizeof(*members));
	const struct qf_finding *last = NULL;
	struct qf_audit_row *row = NULL;
	size_t n = 0, known = by == QF_AUDIT_BY_N ? 0 : audit->table[by].n;

	for (size_t i = 0; i < result->n; i++) {
		const struct qf_finding *f = &result->findings[i];

		/* A path name is a category of its own, and a column. */
		if (f->kind == QF_FORBIDDEN && !(by == QF_AUDIT_BY_CATEGORY && !f->line))
			members[n++] = (struct member){ key_of(f, by), f };
	}
	if (n)
		qsort(members, n, sizeof(*members), cmp_member);
	for (size_t i = 0; i < n; i++) {
		if (!i || qf_str_cmp(members[i - 1].key, members[i].key)) {
			row = find_row(audit, by, members[i].key, known);
			last = NULL;
		}
		count(before ? row->before : row->now, members[i].f, &last);
	}
}

static int cmp_row(const void *a, const void *b)
{
	static const enum qf_audit_count by[] = { QF_COUNT_FINDINGS, QF_COUNT_PATHS };
	const struct qf_audit_row *x = a, *y = b;

	for (size_t i = 0; i < QF_LEN(by); i++)
		if (x->now[by[i]] != y->now[by[i]])
			return x->now[by[i]] < y->now[by[i]] ? 1 : -1;
	return qf_str_cmp(x->name, y->name);
}

struct qf_audit qf_audit_make(const struct qf_result *result, const struct qf_result *before)
{
	struct qf_audit audit = { .total.name = QF_STR("all") };

	for (int by = 0; by <= QF_AUDIT_BY_N; by++) {
		add_table(&audit, result, by, false);
		if (before)
			add_table(&audit, before, by, true);
	}
	for (int by = 0; by < QF_AUDIT_BY_N; by++)
		if (audit.table[by].n)
			qsort(audit.table[by].row, audit.table[by].n, sizeof(*audit.table[by].row), cmp_row);
	return audit;
}

void qf_audit_release(struct qf_audit *audit)
{
	for (int by = 0; by < QF_AUDIT_BY_N; by++)
		free(audit->table[by].row);
	*audit = (struct qf_audit){ 0 };
}
