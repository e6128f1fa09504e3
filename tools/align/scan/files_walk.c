/* The walk: folders are a stack from which several threads take. What is tracked is only ticked off. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tools/align/scan/threads.h"
#include "tools/align/scan/walk.h"

enum { ENTRIES = 64 << 10 };

struct qf_walk_folder {
	struct qf_walk_folder *up;   /* the one that it lies in; NULL for one to begin with */
	struct qf_walk_folder *next; /* of the stack */
	struct qf_repo *repo;
	const char *path;	     /* from the root */
	size_t n;
	size_t lo, hi;		     /* what the index has below it */
	dev_t dev;
	ino_t ino;
	enum { UNKNOWN, WANTED, IGNORED } ignored;
	const struct qf_ignore *ignore; /* patterns that its names are compared with; NULL: not known yet */
};

/* A name in a folder that the index has: a file, or a folder with files below. */
struct qf_walk_child {
	const char *name;
	uint32_t n;
	bool folder;
	size_t lo, hi;
};

static void push(struct qf_walk *walk, struct qf_walk_folder *folder)
{
	pthread_mutex_lock(&walk->lock);
	folder->next = walk->todo;
	walk->todo = folder;
	pthread_cond_signal(&walk->more);
	pthread_mutex_unlock(&walk->lock);
}

/* ---- names that the index has in one folder ---- */

static uint32_t hash(const char *name, size_t n)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)name[i]) * 16777619u;
	return h ^ h >> 15;
}

static void children_read(struct qf_walker *w, const struct qf_walk_folder *f)
{
	const struct qf_repo *repo = f->repo;
	size_t top = strlen(repo->prefix), want = 16;
	/* Bytes of an index path before the names in this folder. */
	size_t base = repo->strip + (f->n > top ? f->n - top + 1 : 0);

	w->n_children = 0;
	for (size_t i = f->lo; i < f->hi;) {
		const struct qf_git_index_entry *e = &repo->index.entry[i];
		const char *name = e->path + base, *slash = memchr(name, '/', e->n - base);
		size_t n = slash ? (size_t)(slash - name) : e->n - base, end = i + 1;

		if (slash)
			end = qf_git_index_skip(&repo->index, i, f->hi, base + n + 1);
		else
			while (end < f->hi && strcmp(repo->index.entry[end].path, e->path) == 0)
				end++; /* sides of a conflict */
		QF_GROW(w->children, w->n_children, w->cap_children);
		w->children[w->n_children++] = (struct qf_walk_child){ name, (uint32_t)n, slash != NULL, i, end };
		i = end;
	}
	while (want < 2 * w->n_children)
		want *= 2;
	if (want > w->n_slots) {
		w->slots = qf_realloc(w->slots, want, sizeof(*w->slots));
		w->n_slots = want;
	}
	memset(w->slots, 0, want * sizeof(*w->slots));
	for (size_t i = 0; i < w->n_children; i++) {
		size_t at = hash(w->children[i].name, w->children[i].n) & (want - 1);

		while (w->slots[at])
			at = (at + 1) & (want - 1);
		w->slots[at] = (uint32_t)i + 1;
	}
}

static const struct qf_walk_child *child_find(const struct qf_walker *w, const char *name, size_t n, bool folder)
{
	size_t mask = 15;

	if (!w->n_children)
		return NULL;
	while (mask + 1 < 2 * w->n_children)
		mask = 2 * mask + 1;
	for (size_t at = hash(name, n) & mask; w->slots[at]; at = (at + 1) & mask) {
		const struct qf_walk_child *c = &w->children[w->slots[at] - 1];

		if (c->n == n && c->folder == folder && memcmp(c->name, name, n) == 0)
			return c;
	}
	return NULL;
}

/* ---- what is ignored ---- */

/* The path as the patterns see it, from the top of the work tree, in memory to be freed. */
static char *from_top(const struct qf_repo *repo, const char *path)
{
	size_t top = strlen(repo->prefix), n = strlen(path);

	return qf_asprintf("%s%s", repo->above, n > top ? path + top : "");
}

/* The patterns of one folder, `at` from the top ("" or "a/b/"), before those of the folders above. */
static const struct qf_ignore *read_level(struct qf_walk *walk, const struct qf_repo *repo, const char *at,
					  const struct qf_ignore *up)
{
	QF_AUTO_FREE char *file = qf_asprintf("%s%s.gitignore", repo->top, at);
	struct qf_ignore level = { .up = up, .base = strlen(at) }, *ret;

	qf_ignore_read(file, &walk->ignore_arena, &level);
	if (!level.n)
		return up;
	ret = qf_arena_alloc(&walk->ignore_arena, sizeof(*ret));
	*ret = level;
	return ret;
}

/*
 * A folder to begin with: the patterns of the folders above count as well, and it may lie in an ignored one. The levels
 * above the last one; ->ignored is set.
 */
static const struct qf_ignore *levels_above(struct qf_walk *walk, struct qf_walk_folder *f, const char *at)
{
	const struct qf_ignore *level = &f->repo->info;

	f->ignored = WANTED;
	for (const char *slash = at; (slash = strchr(slash, '/')); slash++) {
		QF_AUTO_FREE char *above = qf_strndup(at, (size_t)(slash - at));
		char *last = strrchr(above, '/');
		QF_AUTO_FREE char *parent = qf_strndup(above, last ? (size_t)(last - above) + 1 : 0);

		level = read_level(walk, f->repo, parent, level);
		if (qf_ignore_fits(level, qf_str(above), true))
			f->ignored = IGNORED;
	}
	return level;
}

/* Sets ->ignore and ->ignored of a folder, and of those above that need it. The caller holds ignore_lock. */
static void learn(struct qf_walk *walk, struct qf_walk_folder *f)
{
	QF_AUTO_FREE char *path = from_top(f->repo, f->path);
	QF_AUTO_FREE char *at = *path && path[strlen(path) - 1] != '/' ? qf_asprintf("%s/", path) : qf_strdup(path);
	const struct qf_ignore *level;

	if (f->ignore)
		return;
	if (f->up && f->up->repo == f->repo) {
		learn(walk, f->up);
		level = f->up->ignore;
		if (f->ignored == UNKNOWN)
			f->ignored = f->up->ignored == IGNORED || qf_ignore_fits(level, qf_str(path), true) ? IGNORED :
												       WANTED;
	} else {
		level = levels_above(walk, f, at);
	}
	__atomic_store_n(&f->ignore, read_level(walk, f->repo, at, level), __ATOMIC_RELEASE);
}

/* Does git ignore the name in f that w->path ends in, which no index has? */
static bool ignored(struct qf_walker *w, struct qf_walk_folder *f, bool folder)
{
	QF_AUTO_FREE char *path = NULL;

	if (!__atomic_load_n(&f->ignore, __ATOMIC_ACQUIRE)) {
		pthread_mutex_lock(&w->walk->ignore_lock);
		learn(w->walk, f);
		pthread_mutex_unlock(&w->walk->ignore_lock);
	}
	if (f->ignored == IGNORED)
		return true;
	path = from_top(f->repo, qf_buf_cstr(&w->path));
	return qf_ignore_fits(f->ignore, qf_str(path), folder);
}

/* ---- one entry of a folder ---- */

static struct qf_walk_folder *folder_new(struct qf_walker *w, struct qf_walk_folder *up, struct qf_repo *repo,
					 size_t lo, size_t hi)
{
	struct qf_walk_folder *f = qf_arena_zalloc(&w->arena, sizeof(*f));
	struct qf_str path = qf_arena_dup(&w->arena, w->path.p, w->path.n);

	f->up = up;
	f->repo = repo;
	f->path = path.p;
	f->n = path.n;
	f->lo = lo;
	f->hi = hi;
	return f;
}

/* A repository at w->path: 0 pushed, 1 there is none, -1 it cannot be read. */
static int enter_repository(struct qf_walker *w, struct qf_walk_folder *up)
{
	struct qf_repo *repo;
	struct qf_err err;
	int rc;

	pthread_mutex_lock(&w->walk->git_lock);
	rc = qf_repo_open_inner(w->walk, &w->arena, qf_buf_cstr(&w->path), &repo, &err);
	pthread_mutex_unlock(&w->walk->git_lock);
	if (rc < 0)
		qf_result_note(&w->notes, QF_NOTE_UNREADABLE, qf_buf_cstr(&w->path), 0, "%s", err.msg);
	if (rc == 0) {
		memset(repo->seen, QF_SEEN_MISSING, repo->index.n);
		push(w->walk, folder_new(w, up, repo, 0, repo->index.n));
	}
	return rc;
}

static bool has_git(int fd, const char *name)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s/.git", name);

	return faccessat(fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static void see_folder(struct qf_walker *w, struct qf_walk_folder *f, int fd, const char *name, size_t n)
{
	const struct qf_walk_child *c = child_find(w, name, n, true);
	struct qf_walk_folder *inside;

	if (c) {
		push(w->walk, folder_new(w, f, f->repo, c->lo, c->hi));
		return;
	}
	c = child_find(w, name, n, false);
	if (c && f->repo->index.entry[c->lo].mode == GIT_FILEMODE_COMMIT) {
		if (enter_repository(w, f) <= 0)
			f->repo->seen[c->lo] = QF_SEEN_REPOSITORY;
		return;
	}
	if (ignored(w, f, true))
		return;
	if (has_git(fd, name)) {
		if (!w->walk->git && enter_repository(w, f) <= 0)
			return;
		if (w->walk->git && qf_repo_there(w->walk, qf_buf_cstr(&w->path))) {
			qf_result_note(&w->notes, QF_NOTE_NESTED, qf_buf_cstr(&w->path), 0,
				       "a git repository of its own, not entered; run fortress align in it");
			return;
		}
	}
	inside = folder_new(w, f, f->repo, f->hi, f->hi);
	inside->ignored = WANTED;
	push(w->walk, inside);
}

static void see(struct qf_walker *w, struct qf_walk_folder *f, int fd, const char *name, unsigned char type)
{
	const struct qf_walk_child *c;
	size_t n = strlen(name);

	if (type == DT_UNKNOWN) {
		struct stat st;

		if (fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return; /* gone since */
		type = IFTODT(st.st_mode);
	}
	w->path.n = 0;
	qf_buf_add(&w->path, f->path, f->n);
	if (f->n)
		qf_buf_addc(&w->path, '/');
	qf_buf_add(&w->path, name, n);
	if (type == DT_DIR) {
		see_folder(w, f, fd, name, n);
		return;
	}
	c = child_find(w, name, n, false);
	if (c) {
		f->repo->seen[c->lo] = type == DT_REG ? QF_SEEN_FILE : type == DT_LNK ? QF_SEEN_LINK : QF_SEEN_SPECIAL;
		return;
	}
	if (ignored(w, f, false))
		return;
	if (type == DT_REG) {
		QF_GROW(w->extra, w->n_extra, w->cap_extra);
		w->extra[w->n_extra++] = (struct qf_file){
			.path = qf_arena_dup_str(&w->arena, qf_buf_str(&w->path)).p,
		};
	} else if (type == DT_LNK) {
		qf_result_note(&w->notes, QF_NOTE_SYMLINK, qf_buf_cstr(&w->path), 0, "a symbolic link, not followed");
	} else {
		qf_result_note(&w->notes, QF_NOTE_SPECIAL, qf_buf_cstr(&w->path), 0, "no file: %s",
			       type == DT_FIFO ? "FIFO" : type == DT_SOCK ? "socket" : "device");
	}
}

/* ---- folders ---- */

static void cannot_read(struct qf_walker *w, const struct qf_walk_folder *f, int number)
{
	memset(f->repo->seen + f->lo, QF_SEEN_NOT, f->hi - f->lo);
	qf_result_note(&w->notes, QF_NOTE_UNREADABLE, f->n ? f->path : ".", 0, "the folder: %s", strerror(number));
}

/* Folders can hold themselves by a bind mount. */
static bool in_itself(const struct qf_walk_folder *f)
{
	for (const struct qf_walk_folder *up = f->up; up; up = up->up)
		if (up->ino == f->ino && up->dev == f->dev)
			return true;
	return false;
}

static void read_folder(struct qf_walker *w, struct qf_walk_folder *f)
{
	int fd = qf_open_beneath(w->walk->root_fd, f->n ? f->path : ".",
				 O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t got;

	if (fd < 0) {
		/* A folder that is gone since, or that became a link, has no files. */
		if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
			cannot_read(w, f, errno);
		return;
	}
	if (fstat(fd, &st) < 0) {
		cannot_read(w, f, errno);
		close(fd);
		return;
	}
	f->dev = st.st_dev;
	f->ino = st.st_ino;
	if (in_itself(f)) {
		qf_result_note(&w->notes, QF_NOTE_SPECIAL, f->path, 0, "a folder that holds itself, not entered again");
		close(fd);
		return;
	}
	children_read(w, f);
	while ((got = getdents64(fd, w->entries, ENTRIES)) > 0) {
		for (ssize_t at = 0; at < got;) {
			const struct dirent64 *d = (const struct dirent64 *)(w->entries + at);

			at += d->d_reclen;
			if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
			    strcmp(d->d_name, ".git") != 0)
				see(w, f, fd, d->d_name, d->d_type);
		}
	}
	if (got < 0)
		cannot_read(w, f, errno);
	close(fd);
}

static void walk_some(void *item)
{
	struct qf_walker *w = item;
	struct qf_walk *walk = w->walk;

	w->entries = qf_malloc(ENTRIES);
	pthread_mutex_lock(&walk->lock);
	for (;;) {
		struct qf_walk_folder *f = walk->todo;

		if (!f) {
			if (!walk->busy)
				break;
			pthread_cond_wait(&walk->more, &walk->lock);
			continue;
		}
		walk->todo = f->next;
		walk->busy++;
		pthread_mutex_unlock(&walk->lock);
		read_folder(w, f);
		pthread_mutex_lock(&walk->lock);
		if (!--walk->busy && !walk->todo)
			pthread_cond_broadcast(&walk->more);
	}
	pthread_mutex_unlock(&walk->lock);
	free(w->entries);
	free(w->slots);
	free(w->children);
	qf_buf_release(&w->path);
}

void qf_walk_add(struct qf_walk *walk, struct qf_repo *repo, const char *path)
{
	struct qf_walker *w = &walk->walkers[0];
	size_t top = strlen(repo->prefix), n = strlen(path);
	QF_AUTO_BUF struct qf_buf key = { 0 };
	size_t lo = 0, hi = repo->index.n;

	qf_buf_puts(&key, repo->above);
	if (n > top) {
		qf_buf_puts(&key, path + top);
		qf_buf_addc(&key, '/');
	}
	if (key.n) {
		lo = qf_git_index_find(&repo->index, 0, key.p, key.n);
		hi = lo;
		if (lo < repo->index.n && strncmp(repo->index.entry[lo].path, qf_buf_cstr(&key), key.n) == 0)
			hi = qf_git_index_skip(&repo->index, lo, repo->index.n, key.n);
	}
	memset(repo->seen + lo, QF_SEEN_MISSING, hi - lo);
	qf_buf_reset(&w->path);
	qf_buf_puts(&w->path, path);
	push(walk, folder_new(w, NULL, repo, lo, hi));
}

void qf_walk_run(struct qf_walk *walk)
{
	qf_threads_run(walk->n, walk_some, walk->walkers, sizeof(*walk->walkers));
}
