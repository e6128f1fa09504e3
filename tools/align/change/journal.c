/* Journals: as bytes, and in the state folder. */
#define XXH_INLINE_ALL
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>
#include <xxhash.h>

#include "tools/align/change/journal.h"
#include "tools/align/change/place.h"

/* The number is the version of what follows. */
#define MAGIC "fortress align journal 1\n"
#define KEPT 10

struct qf_hash qf_hash_of(struct qf_str content)
{
	XXH128_hash_t h = XXH3_128bits(content.p ? content.p : "", content.n);

	return (struct qf_hash){ h.low64, h.high64 };
}

void qf_journal_release(struct qf_journal *j)
{
	free(j->past);
	free(j->folders);
	free(j->staged);
	qf_arena_release(&j->arena);
	*j = (struct qf_journal){ 0 };
}

static int cmp_past(const void *a, const void *b)
{
	return strcmp(((const struct qf_past *)a)->path, ((const struct qf_past *)b)->path);
}

void qf_journal_sort(struct qf_journal *j)
{
	if (j->n)
		qsort(j->past, j->n, sizeof(*j->past), cmp_past);
}

size_t qf_journal_find(const struct qf_journal *j, const char *path)
{
	const struct qf_past key = { .path = path };
	const struct qf_past *found = bsearch(&key, j->past, j->n, sizeof(*j->past), cmp_past);

	return (size_t)(found - j->past);
}

struct qf_temp_name qf_journal_temp(const struct qf_journal *j, size_t i)
{
	struct qf_temp_name name;

	snprintf(name.text, sizeof(name.text), ".align-%llu-%zu", (unsigned long long)j->pid, i);
	return name;
}

/* ---- as bytes ---- */

/* Numbers are eight bytes, lowest first; strings stand behind their length plus one, 0 for NULL; a hash ends it. */
static void put(struct qf_buf *out, uint64_t v)
{
	for (int i = 0; i < 64; i += 8)
		qf_buf_addc(out, (char)(v >> i));
}

static void put_str(struct qf_buf *out, struct qf_str s)
{
	put(out, s.p ? s.n + 1 : 0);
	qf_buf_add_str(out, s);
}

static void encode(const struct qf_journal *j, struct qf_buf *out)
{
	QF_BUF_LIT(out, MAGIC);
	put(out, j->number);
	put(out, j->pid);
	put_str(out, qf_str(j->root));
	put(out, j->n);
	for (size_t i = 0; i < j->n; i++) {
		const struct qf_past *p = &j->past[i];

		put_str(out, qf_str(p->path));
		put(out, (p->was ? 1 : 0) | (p->is ? 2 : 0));
		put_str(out, p->before.p ? p->before : QF_STR(""));
		put(out, p->after.low);
		put(out, p->after.high);
		put(out, p->mode);
		put(out, p->uid);
		put(out, p->gid);
		put_str(out, qf_str(p->twin));
	}
	put(out, j->n_folders);
	for (size_t i = 0; i < j->n_folders; i++)
		put_str(out, qf_str(j->folders[i]));
	put(out, j->n_staged);
	for (size_t i = 0; i < j->n_staged; i++) {
		const struct qf_staged *s = &j->staged[i];

		put_str(out, qf_str(s->from));
		put_str(out, qf_str(s->to));
		put(out, s->mode);
		put(out, s->flags);
		put(out, s->flags_extended);
		put_str(out, (struct qf_str){ (const char *)s->before, sizeof(s->before) });
		put_str(out, (struct qf_str){ (const char *)s->after, sizeof(s->after) });
	}
	put(out, XXH3_64bits(out->p, out->n));
}

/* What is read; bad is set by the first thing that does not fit, and then all is 0. */
struct reader {
	const char *p, *end;
	bool bad;
	struct qf_arena *arena;
};

static uint64_t get(struct reader *r)
{
	uint64_t v = 0;

	if (r->bad || r->end - r->p < 8) {
		r->bad = true;
		return 0;
	}
	for (int i = 0; i < 64; i += 8)
		v |= (uint64_t)(unsigned char)*r->p++ << i;
	return v;
}

static struct qf_str get_str(struct reader *r)
{
	uint64_t n = get(r);
	struct qf_str s = { 0 };

	if (n == 0)
		return s;
	if (n - 1 > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return s;
	}
	s = qf_arena_dup(r->arena, r->p, n - 1);
	r->p += n - 1;
	return s;
}

/* A path or another name: there, and without a NUL in it. */
static const char *get_name(struct reader *r)
{
	struct qf_str s = get_str(r);

	if (!s.p || memchr(s.p, 0, s.n)) {
		r->bad = true;
		return "";
	}
	return s.p;
}

static void get_blob(struct reader *r, unsigned char *id)
{
	struct qf_str s = get_str(r);

	if (s.n == 20)
		memcpy(id, s.p, 20);
	else
		r->bad = true;
}

static void decode_past(struct reader *r, struct qf_journal *j)
{
	struct qf_past p = { .path = get_name(r) };
	uint64_t flags = get(r);

	p.was = flags & 1;
	p.is = flags & 2;
	p.before = get_str(r);
	p.after.low = get(r);
	p.after.high = get(r);
	p.mode = (uint32_t)get(r);
	p.uid = (uint32_t)get(r);
	p.gid = (uint32_t)get(r);
	p.twin = get_str(r).p;
	QF_GROW(j->past, j->n, j->cap);
	j->past[j->n++] = p;
}

static void decode_staged(struct reader *r, struct qf_journal *j)
{
	struct qf_staged s = { .from = get_name(r) };

	s.to = get_name(r);
	s.mode = (uint32_t)get(r);
	s.flags = (uint32_t)get(r);
	s.flags_extended = (uint32_t)get(r);
	get_blob(r, s.before);
	get_blob(r, s.after);
	QF_GROW(j->staged, j->n_staged, j->cap_staged);
	j->staged[j->n_staged++] = s;
}

static bool decode(struct qf_str bytes, struct qf_journal *j)
{
	struct reader r = { .p = bytes.p, .end = bytes.p + bytes.n, .arena = &j->arena };
	uint64_t n;

	if (!qf_str_starts(bytes, MAGIC) || bytes.n < sizeof(MAGIC) - 1 + 8)
		return false;
	r.p = r.end - 8;
	n = get(&r);
	r.end -= 8;
	if (n != XXH3_64bits(bytes.p, bytes.n - 8))
		return false;
	r.p = bytes.p + sizeof(MAGIC) - 1;
	j->number = get(&r);
	j->pid = get(&r);
	j->root = get_name(&r);
	for (n = get(&r); n && !r.bad; n--)
		decode_past(&r, j);
	for (n = get(&r); n && !r.bad; n--) {
		QF_GROW(j->folders, j->n_folders, j->cap_folders);
		j->folders[j->n_folders++] = get_name(&r);
	}
	for (n = get(&r); n && !r.bad; n--)
		decode_staged(&r, j);
	return !r.bad && r.p == r.end;
}

/* ---- the state folder ---- */

static char *state_folder(const char *root, struct qf_err *err)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	uint64_t hash = XXH3_64bits(root, strlen(root));

	/* The XDG Base Directory Specification wants relative paths to be ignored. */
	if (state && *state == '/')
		return qf_asprintf("%s/fortress/align/%016llx", state, (unsigned long long)hash);
	if (home && *home == '/')
		return qf_asprintf("%s/.local/state/fortress/align/%016llx", home, (unsigned long long)hash);
	qf_err_set(err, QF_E_CONFIG, "no folder for the journal: set HOME or XDG_STATE_HOME to an absolute path");
	return NULL;
}

/* mkdir -p, for the owner alone; onto the disk, for a journal that is lost with its folder is none. */
static int make_folders(const char *path, struct qf_err *err)
{
	QF_AUTO_FREE char *part = qf_strdup(path);
	int above = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (char *p = part + 1, c = '/'; c && above >= 0; p++) {
		int next;

		c = *p;
		if (c && c != '/')
			continue;
		*p = '\0';
		if (mkdir(part, 0700) == 0)
			fsync(above);
		next = open(part, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(above);
		above = next;
		if (above >= 0)
			*p = c;
	}
	if (above < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s: the journal's folder", part);
	close(above);
	return 0;
}

int qf_store_open(const char *root, bool make, struct qf_store *ret, struct qf_err *err)
{
	*ret = (struct qf_store){ .root_fd = -1, .fd = -1, .lock = -1 };
	ret->root = realpath(root, NULL);
	ret->root_fd = ret->root ? open(ret->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (ret->root_fd < 0)
		return qf_err_errno(err, errno == ENOENT ? QF_E_NOINPUT : qf_place_code(errno), errno, "%s", root);
	ret->path = state_folder(ret->root, err);
	if (!ret->path || (make && make_folders(ret->path, err) < 0))
		return -1;
	ret->fd = open(ret->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->fd < 0 && errno == ENOENT)
		return qf_err_set(err, QF_E_NOINPUT, "%s: align has written nothing here", root);
	if (ret->fd >= 0)
		ret->lock = openat(ret->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (ret->lock < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s: the journal's folder", ret->path);
	if (flock(ret->lock, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ?
			qf_err_set(err, QF_E_TEMP, "%s: another align is writing there; try again when it is done", root) :
			qf_err_errno(err, QF_E_IO, errno, "%s/lock", ret->path);
	return 0;
}

void qf_store_close(struct qf_store *s)
{
	int fds[] = { s->lock, s->fd, s->root_fd };

	for (size_t i = 0; i < QF_LEN(fds); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	free(s->root);
	free(s->path);
	*s = (struct qf_store){ .root_fd = -1, .fd = -1, .lock = -1 };
}

static void file_name(char name[32], uint64_t number, bool open)
{
	snprintf(name, 32, "%08llu.%s", (unsigned long long)number, open ? "open" : "done");
}

/* Calls for each run in the folder. */
static void each_run(const struct qf_store *s,
		     void (*fn)(const struct qf_store *s, uint64_t number, bool open, void *ctx),
		     void *ctx)
{
	int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		char *end;
		unsigned long long number = strtoull(entry->d_name, &end, 10);

		if (number && (strcmp(end, ".open") == 0 || strcmp(end, ".done") == 0))
			fn(s, number, end[1] == 'o', ctx);
	}
	if (dir)
		closedir(dir);
}

struct newest {
	uint64_t number;
	bool open;
};

static void see_newest(const struct qf_store *s, uint64_t number, bool open, void *ctx)
{
	struct newest *n = ctx;

	(void)s;
	if (number >= n->number)
		*n = (struct newest){ number, open };
}

uint64_t qf_store_newest(const struct qf_store *s, bool *open)
{
	struct newest n = { 0 };

	each_run(s, see_newest, &n);
	*open = n.open;
	return n.number;
}

static int sync_folder(const struct qf_store *s, struct qf_err *err)
{
	return fsync(s->fd) < 0 ? qf_err_errno(err, QF_E_IO, errno, "%s", s->path) : 0;
}

int qf_store_write(const struct qf_store *s, const struct qf_journal *j, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf bytes = { 0 };
	char name[32];
	int fd, number = 0;

	encode(j, &bytes);
	file_name(name, j->number, true);
	/* One that a cut run has left is overwritten: only the lock's holder comes here. */
	fd = openat(s->fd, "new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s: the journal", s->path);
	if (qf_place_write(fd, bytes.p, bytes.n) < 0 || fsync(fd) < 0)
		number = errno;
	close(fd);
	if (!number && renameat(s->fd, "new", s->fd, name) < 0)
		number = errno;
	if (number) {
		unlinkat(s->fd, "new", 0);
		return qf_err_errno(err, qf_place_code(number), number, "%s: the journal", s->path);
	}
	return sync_folder(s, err);
}

int qf_store_read(const struct qf_store *s, uint64_t number, bool open, struct qf_journal *ret, struct qf_err *err)
{
	struct qf_place file = { 0 };
	char name[32];
	int rc;

	*ret = (struct qf_journal){ 0 };
	file_name(name, number, open);
	rc = qf_place_read(s->fd, name, &file, err);
	if (rc == 0 && (!decode(qf_buf_str(&file.content), ret) || ret->number != number ||
			strcmp(ret->root, s->root) != 0))
		rc = qf_err_set(err, QF_E_DATA, "%s/%s: the journal is damaged or of another version; nothing was undone",
				s->path, name);
	qf_place_release(&file);
	return rc;
}

int qf_store_mark(const struct qf_store *s, uint64_t number, bool open, struct qf_err *err)
{
	char from[32], to[32];

	file_name(from, number, !open);
	file_name(to, number, open);
	if (renameat(s->fd, from, s->fd, to) < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s/%s", s->path, from);
	return sync_folder(s, err);
}

int qf_store_forget(const struct qf_store *s, uint64_t number, struct qf_err *err)
{
	char name[32];

	file_name(name, number, true);
	if (unlinkat(s->fd, name, 0) < 0)
		return qf_err_errno(err, qf_place_code(errno), errno, "%s/%s", s->path, name);
	return sync_folder(s, err);
}

static void drop_old(const struct qf_store *s, uint64_t number, bool open, void *ctx)
{
	const uint64_t *newest = ctx;
	char name[32];

	if (open || number + KEPT > *newest)
		return;
	file_name(name, number, false);
	unlinkat(s->fd, name, 0);
}

void qf_store_prune(const struct qf_store *s)
{
	bool open;
	uint64_t newest = qf_store_newest(s, &open);

	each_run(s, drop_old, &newest);
}
