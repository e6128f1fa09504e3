/* Back to what a journal says. */
#include "common/base/log.h"
#include "tools/align/change/place.h"
#include "tools/align/change/restore.h"

void qf_restore_clean(const struct qf_store *s, const struct qf_journal *j)
{
	for (size_t i = 0; i < j->n; i++)
		qf_place_drop(s->root_fd, j->past[i].path, qf_journal_temp(j, i).text);
}

enum state { BEFORE, AFTER, OTHER };

/* What stands at a path now. *there: something does. */
static int look(const struct qf_store *s, const struct qf_past *p, enum state *ret, bool *there, struct qf_err *err)
{
	struct qf_place place = { 0 };
	int rc = qf_place_read(s->root_fd, p->path, &place, err);
	struct qf_str now = qf_buf_str(&place.content);

	*ret = OTHER;
	*there = place.there;
	if (!place.there) {
		/* A file that moves away is gone before another takes its place. */
		if (!p->was)
			*ret = BEFORE;
		else if (!p->is || p->twin)
			*ret = AFTER;
	} else if (S_ISREG(place.st.st_mode)) {
		if (p->was && qf_str_eq(now, p->before))
			*ret = BEFORE;
		else if (p->is && qf_hash_eq(qf_hash_of(now), p->after))
			*ret = AFTER;
	}
	qf_place_release(&place);
	return rc;
}

int qf_restore_check(const struct qf_store *s, const struct qf_journal *j, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf names = { 0 };
	size_t changed = 0;

	for (size_t i = 0; i < j->n; i++) {
		enum state state;
		bool there;

		if (look(s, &j->past[i], &state, &there, err) < 0)
			return -1;
		if (state != OTHER)
			continue;
		if (changed++ < 3)
			qf_buf_printf(&names, "%s%s", names.n ? ", " : "", j->past[i].path);
	}
	if (!changed)
		return 0;
	if (changed > 3)
		qf_buf_printf(&names, " and %zu more", changed - 3);
	return qf_err_set(err, QF_E_TEMP, "%s: changed since align wrote; nothing was undone. Move %s away, or bring %s back "
					  "to what align wrote, then undo again",
			  qf_buf_cstr(&names), changed == 1 ? "it" : "them", changed == 1 ? "it" : "them");
}

/* The content of before in temporary neighbours of all paths that have lost it. */
static int make_temps(const struct qf_store *s, const struct qf_journal *j, enum state *states, bool *there,
		      struct qf_err *err)
{
	for (size_t i = 0; i < j->n; i++) {
		const struct qf_past *p = &j->past[i];
		struct qf_place_owner owner = { p->mode, p->uid, p->gid, p->twin ? p->twin : p->path };

		if (look(s, p, &states[i], &there[i], err) < 0)
			return -1;
		/* Between check and here somebody has written: leave it all as it is, the journal stays. */
		if (states[i] == OTHER)
			return qf_err_set(err, QF_E_TEMP, "%s: changed while it was undone; undo again", p->path);
		if (p->was && states[i] == AFTER &&
		    qf_place_temp(s->root_fd, p->path, qf_journal_temp(j, i).text, p->before, &owner, err) < 0)
			return -1;
	}
	return 0;
}

int qf_restore_sync(const struct qf_store *s, const struct qf_journal *j, struct qf_err *err)
{
	const char *last = NULL;
	size_t last_n = 0;

	for (size_t i = 0; i < j->n; i++) {
		const char *path = j->past[i].path, *slash = strrchr(path, '/');
		size_t n = slash ? (size_t)(slash - path) : 0;

		/* Paths are sorted, so most folders come in a row. */
		if (last && n == last_n && memcmp(path, last, n) == 0)
			continue;
		last = path;
		last_n = n;
		/* A folder that the run would have made, or that a cut undo has removed. */
		if (qf_place_sync(s->root_fd, path, err) < 0 && err->code != QF_E_NOINPUT)
			return -1;
	}
	return 0;
}

int qf_restore_do(const struct qf_store *s, const struct qf_journal *j, struct qf_index *index, struct qf_err *err)
{
	QF_AUTO_FREE enum state *states = qf_calloc(j->n + 1, sizeof(*states));
	QF_AUTO_FREE bool *there = qf_calloc(j->n + 1, sizeof(*there));

	qf_restore_clean(s, j);
	if (index && qf_index_prepare(index, j, true, err) < 0)
		return -1;
	if (make_temps(s, j, states, there, err) < 0) {
		qf_restore_clean(s, j);
		return -1;
	}
	for (size_t i = 0; i < j->n; i++)
		if (j->past[i].was && states[i] == AFTER &&
		    qf_place_rename(s->root_fd, j->past[i].path, qf_journal_temp(j, i).text, there[i], err) < 0)
			return -1;
	for (size_t i = 0; i < j->n; i++)
		if (!j->past[i].was && there[i] && qf_place_unlink(s->root_fd, j->past[i].path, err) < 0)
			return -1;
	if (qf_restore_sync(s, j, err) < 0)
		return -1;
	for (size_t i = j->n_folders; i > 0; i--)
		if (qf_place_rmdir(s->root_fd, j->folders[i - 1], err) < 0)
			return -1;
	return index ? qf_index_commit(index, err) : 0;
}

/* The newest run of a store that is locked. */
static int undo_run(const struct qf_store *s, const struct qf_write_opts *opts, struct qf_journal *j, bool open,
		    struct qf_err *err)
{
	struct qf_index index = { 0 };
	int rc = 0;

	if (j->n_staged) {
		rc = qf_index_open(s, opts->repository, &index, err);
		if (rc == 0)
			qf_index_recover(&index);
	}
	if (rc == 0)
		rc = qf_restore_check(s, j, err);
	/* From here on the tree is neither this nor that; should we be cut, the next undo goes on. */
	if (rc == 0 && !open)
		rc = qf_store_mark(s, j->number, true, err);
	if (rc == 0)
		rc = qf_restore_do(s, j, j->n_staged ? &index : NULL, err);
	if (rc == 0)
		rc = qf_store_forget(s, j->number, err);
	qf_index_close(&index);
	return rc;
}

int qf_changes_undo(const struct qf_write_opts *opts, size_t *n, struct qf_err *err)
{
	struct qf_journal journal = { 0 };
	struct qf_store store;
	bool open;
	uint64_t number;
	int rc = qf_store_open(opts->root, false, &store, err);

	if (rc == 0) {
		number = qf_store_newest(&store, &open);
		if (number == 0)
			rc = qf_err_set(err, QF_E_NOINPUT, "%s: nothing to undo; align has written nothing here, or all of it was "
							   "undone", opts->root);
		else
			rc = qf_store_read(&store, number, open, &journal, err);
	}
	if (rc == 0)
		rc = undo_run(&store, opts, &journal, open, err);
	if (rc == 0) {
		*n = 0;
		for (size_t i = 0; i < journal.n; i++)
			*n += journal.past[i].was;
	}
	qf_journal_release(&journal);
	qf_store_close(&store);
	return rc;
}

bool qf_changes_cut(const char *root)
{
	struct qf_err ignored;
	struct qf_store store;
	bool open = false;

	/* One that holds the lock is at work, not cut. */
	if (qf_store_open(root, false, &store, &ignored) == 0)
		qf_store_newest(&store, &open);
	qf_store_close(&store);
	return open;
}
