/* All changes onto the disk, or none. */
#include <stdio.h>
#include <unistd.h>

#include "tools/align/change/place.h"
#include "tools/align/change/restore.h"

struct writer {
	const struct qf_changes *changes;
	struct qf_store store;
	struct qf_journal journal;
	struct qf_index index;
	struct qf_place *places; /* of each change as it was compared; contents are not kept */
	bool staged;		/* there are moves to make in git's index */
	bool committed;		/* they have been made */
};

/* ---- is all as it was planned? ---- */

/* The move that takes the file at path away, or NULL. */
static const struct qf_change *moves_away(const struct qf_changes *c, const char *path)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->change[i].to && strcmp(c->change[i].path, path) == 0)
			return &c->change[i];
	return NULL;
}

static int check_source(struct writer *w, const struct qf_change *change, struct qf_place *place, struct qf_err *err)
{
	int root = w->store.root_fd;

	if (qf_place_read(root, change->path, place, err) < 0)
		return -1;
	if (!place->there || !S_ISREG(place->st.st_mode) || !qf_str_eq(qf_buf_str(&place->content), change->before))
		return qf_err_set(err, QF_E_TEMP, "%s: changed since it was read; nothing was written, run again", change->path);
	qf_buf_release(&place->content);
	if (place->st.st_nlink > 1)
		return qf_err_set(err, QF_E_CREATE, "%s: has %lu names (hard links), and a new file would part them; nothing was "
						    "written. Make it a file of its own first",
				  change->path, (unsigned long)place->st.st_nlink);
	if (!(place->st.st_mode & 0222))
		return qf_err_set(err, QF_E_CREATE, "%s: is read-only; nothing was written", change->path);
	return qf_place_writable(root, change->path, err);
}

/* The folders that a moved file needs and that are not there, for the journal. */
static int check_folders(struct writer *w, const char *to, struct qf_err *err)
{
	struct qf_journal *j = &w->journal;

	for (const char *slash = strchr(to, '/'); slash; slash = strchr(slash + 1, '/')) {
		const char *folder = qf_arena_dup(&j->arena, to, (size_t)(slash - to)).p;
		struct qf_place place = { 0 };
		bool known = false;
		int rc = qf_place_read(w->store.root_fd, folder, &place, err);

		qf_place_release(&place);
		if (rc < 0)
			return -1;
		if (place.there && !S_ISDIR(place.st.st_mode))
			return qf_err_set(err, QF_E_CREATE, "%s: %s is no folder", to, folder);
		for (size_t i = 0; i < j->n_folders; i++)
			known |= strcmp(j->folders[i], folder) == 0;
		if (place.there || known)
			continue;
		QF_GROW(j->folders, j->n_folders, j->cap_folders);
		j->folders[j->n_folders++] = folder;
	}
	return 0;
}

static int check_target(struct writer *w, const struct qf_change *change, struct qf_err *err)
{
	struct qf_place place = { 0 };
	size_t folders = w->journal.n_folders;
	int rc = check_folders(w, change->to, err);

	if (rc == 0)
		rc = qf_place_read(w->store.root_fd, change->to, &place, err);
	qf_place_release(&place);
	if (rc < 0)
		return -1;
	if (place.there && !moves_away(w->changes, change->to))
		return qf_err_set(err, QF_E_CREATE, "%s: something stands there, and nothing is ever overwritten; nothing was "
						    "written", change->to);
	return w->journal.n_folders == folders ? qf_place_writable(w->store.root_fd, change->to, err) : 0;
}

/* ---- the journal ---- */

/* The entry of a path, perhaps a new one. */
static struct qf_past *past_of(struct qf_journal *j, const char *path)
{
	for (size_t i = 0; i < j->n; i++)
		if (strcmp(j->past[i].path, path) == 0)
			return &j->past[i];
	QF_GROW(j->past, j->n, j->cap);
	j->past[j->n] = (struct qf_past){ .path = path };
	return &j->past[j->n++];
}

static void note_past(struct writer *w)
{
	struct qf_journal *j = &w->journal;

	for (size_t i = 0; i < w->changes->n; i++) {
		const struct qf_change *change = &w->changes->change[i];
		const struct stat *st = &w->places[i].st;
		struct qf_past *p;

		QF_GROW(j->past, j->n, j->cap);
		j->past[j->n++] = (struct qf_past){
			.path = change->path, .was = true, .before = change->before, .twin = change->to,
			.mode = st->st_mode & 07777, .uid = st->st_uid, .gid = st->st_gid,
		};
		p = &j->past[j->n - 1];
		p->is = !change->to;
		if (p->is)
			p->after = qf_hash_of(change->after);
	}
	for (size_t i = 0; i < w->changes->n; i++) {
		const struct qf_change *change = &w->changes->change[i];
		struct qf_past *p;

		if (!change->to)
			continue;
		p = past_of(j, change->to);
		p->is = true;
		p->after = qf_hash_of(change->after);
	}
	qf_journal_sort(j);
}

static int check(struct writer *w, const struct qf_write_opts *opts, struct qf_err *err)
{
	const struct qf_changes *c = w->changes;
	bool cut;

	w->journal.number = qf_store_newest(&w->store, &cut) + 1;
	w->journal.pid = (uint64_t)getpid();
	w->journal.root = w->store.root;
	if (cut)
		return qf_err_set(err, QF_E_TEMP, "%s: an earlier run was cut in the middle; run `fortress align undo` first",
				  opts->root);
	for (size_t i = 0; i < c->n; i++) {
		if (check_source(w, &c->change[i], &w->places[i], err) < 0)
			return -1;
		if (c->change[i].to && check_target(w, &c->change[i], err) < 0)
			return -1;
		w->staged |= opts->git && c->change[i].to;
	}
	if (w->staged && (qf_index_open(&w->store, opts->repository, &w->index, err) < 0 ||
			  qf_index_plan(&w->index, &w->store, c, &w->journal, err) < 0))
		return -1;
	w->staged = w->journal.n_staged > 0;
	note_past(w);
	return 0;
}

/* ---- the write ---- */

/* The new content of each path in a temporary neighbour. */
static int make_temps(struct writer *w, struct qf_err *err)
{
	for (size_t i = 0; i < w->changes->n; i++) {
		const struct qf_change *change = &w->changes->change[i];
		const struct stat *st = &w->places[i].st;
		const char *path = change->to ? change->to : change->path;
		struct qf_place_owner owner = { st->st_mode, st->st_uid, st->st_gid, change->path };
		size_t k = qf_journal_find(&w->journal, path);

		if (qf_place_temp(w->store.root_fd, path, qf_journal_temp(&w->journal, k).text, change->after, &owner,
				  err) < 0)
			return -1;
	}
	return 0;
}

static int place_one(struct writer *w, size_t i, struct qf_err *err)
{
	const struct qf_change *change = &w->changes->change[i];
	const char *path = change->to ? change->to : change->path;
	size_t k = qf_journal_find(&w->journal, path);
	int root = w->store.root_fd;

	if (!qf_place_same(root, change->path, &w->places[i]))
		return qf_err_set(err, QF_E_TEMP, "%s: changed while align wrote; nothing was written, run again", change->path);
	if (qf_place_rename(root, path, qf_journal_temp(&w->journal, k).text, !change->to, err) < 0)
		return -1;
	return change->to ? qf_place_unlink(root, change->path, err) : 0;
}

/* A file goes to where another stands only after that has gone; a ring of moves has no first one. */
static int place_all(struct writer *w, struct qf_err *err)
{
	const struct qf_changes *c = w->changes;
	QF_AUTO_FREE bool *done = qf_calloc(c->n + 1, sizeof(*done));
	bool some = true;
	size_t left = 0;

	while (some) {
		some = false;
		left = 0;
		for (size_t i = 0; i < c->n; i++) {
			const struct qf_change *other = c->change[i].to ? moves_away(c, c->change[i].to) : NULL;

			if (done[i])
				continue;
			if (other && !done[other - c->change]) {
				left++;
				continue;
			}
			if (place_one(w, i, err) < 0)
				return -1;
			done[i] = some = true;
		}
	}
	return left ? qf_err_set(err, QF_E_CREATE, "moves in a ring cannot be made; nothing was written") : 0;
}

static int write_all(struct writer *w, struct qf_err *err)
{
	if (w->staged && qf_index_prepare(&w->index, &w->journal, false, err) < 0)
		return -1;
	for (size_t i = 0; i < w->journal.n_folders; i++)
		if (qf_place_mkdir(w->store.root_fd, w->journal.folders[i], err) < 0)
			return -1;
	if (make_temps(w, err) < 0 || place_all(w, err) < 0 || qf_restore_sync(&w->store, &w->journal, err) < 0)
		return -1;
	if (w->staged && qf_index_commit(&w->index, err) < 0)
		return -1;
	w->committed = w->staged;
	return 0;
}

/* err stays what it is, with a word more where the tree could not be brought back. */
static void roll_back(struct writer *w, struct qf_write_opts opts, struct qf_err *err)
{
	struct qf_err why;
	struct qf_index index = { 0 };
	int rc = 0;

	qf_index_close(&w->index); /* gives the lock back */
	if (w->committed)
		rc = qf_index_open(&w->store, opts.repository, &index, &why);
	if (rc == 0)
		rc = qf_restore_do(&w->store, &w->journal, w->committed ? &index : NULL, &why);
	qf_index_close(&index);
	if (rc == 0)
		rc = qf_store_forget(&w->store, w->journal.number, &why);
	if (rc < 0)
		qf_err_hint(err, " (and putting back what was done failed: %s; run `fortress align undo` when that is settled)",
			    why.msg);
}

int qf_changes_write(const struct qf_changes *c, const struct qf_write_opts *opts, struct qf_err *err)
{
	struct writer w = { .changes = c };
	int rc;

	if (c->n == 0)
		return 0;
	w.places = qf_calloc(c->n, sizeof(*w.places));
	rc = qf_store_open(opts->root, true, &w.store, err);
	if (rc == 0)
		rc = check(&w, opts, err);
	if (rc == 0)
		rc = qf_store_write(&w.store, &w.journal, err);
	if (rc == 0) {
		rc = write_all(&w, err);
		if (rc == 0)
			rc = qf_store_mark(&w.store, w.journal.number, false, err);
		if (rc < 0)
			roll_back(&w, *opts, err);
		else
			qf_store_prune(&w.store);
	}
	for (size_t i = 0; i < c->n; i++)
		qf_place_release(&w.places[i]);
	free(w.places);
	qf_index_close(&w.index);
	qf_journal_release(&w.journal);
	qf_store_close(&w.store);
	return rc;
}
