/* Reader of git's index file. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/align/scan/index.h"

enum {
	HEADER = 12, /* "DIRC", version, number of entries */
	HASH = 20,
	FIXED = 62,  /* bytes of an entry before its path */
	AT_MODE = 24, AT_OID = 40, AT_FLAGS = 60,
	EXTENDED = 0x4000, STAGE_SHIFT = 12, NAME_MASK = 0xfff,
	SKIP_WORKTREE = 0x4000, /* in the second flags */
};

struct reader {
	const char *file;
	const unsigned char *at, *end;
	struct qf_arena *arena;
	unsigned version;
	const char *last; /* path of the entry before, for version 4 */
	size_t last_n;
};

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int damaged(const struct reader *r, const char *why, struct qf_err *err)
{
	return qf_err_set(err, QF_E_DATA, "%s: git's index is damaged (%s); `git fsck` tells more, and `git reset` "
			  "builds it anew", r->file, why);
}

/* Version 4: how many bytes of the last path go, then what follows the rest. */
static int packed_path(struct reader *r, struct qf_git_index_entry *e, struct qf_err *err)
{
	size_t cut = 0, rest, more;
	const unsigned char *nul;
	char *path;

	for (unsigned i = 0;; i++) {
		unsigned char c;

		if (r->at == r->end || i == 5)
			return damaged(r, "a length", err);
		c = *r->at++;
		cut = (cut << 7) | (c & 0x7f);
		if (!(c & 0x80))
			break;
		cut++;
	}
	nul = memchr(r->at, '\0', (size_t)(r->end - r->at));
	if (!nul || cut > r->last_n)
		return damaged(r, "a path", err);
	rest = r->last_n - cut;
	more = (size_t)(nul - r->at);
	path = qf_arena_alloc(r->arena, rest + more + 1);
	if (rest)
		memcpy(path, r->last, rest);
	memcpy(path + rest, r->at, more + 1);
	e->path = path;
	e->n = (uint32_t)(rest + more);
	r->at = nul + 1;
	return 0;
}

static int one_entry(struct reader *r, struct qf_git_index_entry *e, struct qf_err *err)
{
	const unsigned char *start = r->at, *nul;
	unsigned flags;

	if (r->end - start < FIXED + 2)
		return damaged(r, "it ends too early", err);
	e->mode = be32(start + AT_MODE);
	e->oid = start + AT_OID;
	flags = (unsigned)start[AT_FLAGS] << 8 | start[AT_FLAGS + 1];
	e->stage = flags >> STAGE_SHIFT & 3;
	r->at += FIXED;
	e->skip = false;
	if (flags & EXTENDED) {
		if (r->version < 3)
			return damaged(r, "flags that version 2 does not have", err);
		e->skip = ((unsigned)r->at[0] << 8 | r->at[1]) & SKIP_WORKTREE;
		r->at += 2;
	}
	if (r->version == 4)
		return packed_path(r, e, err);
	nul = memchr(r->at, '\0', (size_t)(r->end - r->at));
	if (!nul || ((flags & NAME_MASK) < NAME_MASK && (size_t)(nul - r->at) != (flags & NAME_MASK)))
		return damaged(r, "the end of a path", err);
	e->path = (const char *)r->at;
	e->n = (uint32_t)(nul - r->at);
	/* One to eight NULs up to a multiple of eight. */
	if ((size_t)(r->end - start) < (((size_t)(nul - start) + 8) & ~(size_t)7))
		return damaged(r, "it ends too early", err);
	r->at = start + (((size_t)(nul - start) + 8) & ~(size_t)7);
	return 0;
}

/* Extensions whose name begins with a small letter must be understood, and none is. */
static int extensions(const struct reader *r, struct qf_err *err)
{
	const unsigned char *p = r->at;

	while (r->end - p >= 8) {
		uint32_t n = be32(p + 4);

		if (p[0] < 'A' || p[0] > 'Z') {
			bool split = memcmp(p, "link", 4) == 0;

			if (!split && memcmp(p, "sdir", 4) != 0)
				return damaged(r, "an extension that is not known", err);
			return qf_err_set(err, QF_E_DATA, "%s: a %s index cannot be read; turn it into a plain one: `git %s`",
					  r->file, split ? "split" : "sparse",
					  split ? "update-index --no-split-index" :
						  "sparse-checkout reapply --no-sparse-index");
		}
		if (n > (size_t)(r->end - p) - 8)
			return damaged(r, "an extension", err);
		p += 8 + n;
	}
	return 0;
}

int qf_git_index_parse(const char *file, struct qf_str bytes, struct qf_arena *arena, struct qf_git_index *ret,
		   struct qf_err *err)
{
	struct reader r = { .file = file, .at = (const unsigned char *)bytes.p, .arena = arena, .last = "" };
	struct qf_git_index index = { 0 };
	bool disorder = false;

	if (bytes.n < HEADER + HASH || memcmp(bytes.p, "DIRC", 4) != 0)
		return damaged(&r, "no index at all", err);
	r.end = r.at + bytes.n - HASH;
	r.version = be32(r.at + 4);
	index.n = be32(r.at + 8);
	r.at += HEADER;
	if (r.version < 2 || r.version > 4)
		return damaged(&r, "a version that is not known", err);
	if (index.n > bytes.n / FIXED)
		return damaged(&r, "more entries than fit", err);
	index.entry = qf_arena_alloc(arena, (index.n + 1) * sizeof(*index.entry));
	for (size_t i = 0; i < index.n; i++) {
		struct qf_git_index_entry *e = &index.entry[i];
		int order;

		if (one_entry(&r, e, err) < 0)
			return -1;
		order = strcmp(r.last, e->path);
		/* In a split index, which its extension tells, paths can be empty. */
		disorder |= !e->n || order > 0 || (order == 0 && e[-1].stage >= e->stage);
		r.last = e->path;
		r.last_n = e->n;
	}
	if (extensions(&r, err) < 0)
		return -1;
	if (disorder)
		return damaged(&r, "its paths are not in order", err);
	*ret = index;
	return 0;
}

static int io_error(const char *file, struct qf_err *err)
{
	return qf_err_errno(err, errno == EACCES || errno == EPERM ? QF_E_ACCESS : QF_E_IO, errno, "%s: git's index",
			    file);
}

int qf_git_index_read(const char *file, struct qf_arena *arena, struct qf_git_index *ret, struct qf_err *err)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC | O_NONBLOCK), rc;
	struct stat st;
	char *bytes;
	size_t n = 0;

	*ret = (struct qf_git_index){ 0 };
	if (fd < 0)
		return errno == ENOENT ? 0 : io_error(file, err);
	if (fstat(fd, &st) < 0) {
		rc = io_error(file, err);
		close(fd);
		return rc;
	}
	bytes = qf_arena_alloc(arena, (size_t)st.st_size + 1);
	while (n < (size_t)st.st_size) {
		ssize_t now = read(fd, bytes + n, (size_t)st.st_size - n);

		if (now < 0 && errno == EINTR)
			continue;
		if (now < 0) {
			rc = io_error(file, err);
			close(fd);
			return rc;
		}
		if (now == 0)
			break;
		n += (size_t)now;
	}
	close(fd);
	return qf_git_index_parse(file, (struct qf_str){ bytes, n }, arena, ret, err);
}

/* Order of bytes, the shorter of two equal beginnings first. */
static int cmp(const struct qf_git_index_entry *e, const char *key, size_t n)
{
	int d = memcmp(e->path, key, e->n < n ? e->n : n);

	return d ? d : (e->n > n) - (e->n < n);
}

size_t qf_git_index_find(const struct qf_git_index *index, size_t lo, const char *key, size_t n)
{
	size_t hi = index->n;

	while (lo < hi) {
		size_t middle = lo + (hi - lo) / 2;

		if (cmp(&index->entry[middle], key, n) < 0)
			lo = middle + 1;
		else
			hi = middle;
	}
	return lo;
}

static bool same(const struct qf_git_index_entry *e, const char *key, size_t n)
{
	return e->n >= n && memcmp(e->path, key, n) == 0;
}

size_t qf_git_index_skip(const struct qf_git_index *index, size_t lo, size_t hi, size_t n)
{
	const char *key = index->entry[lo].path;
	size_t step = 1, from = lo;

	/* Most folders are small: steps that double, then halves. */
	while (hi - from > step && same(&index->entry[from + step], key, n)) {
		from += step;
		step *= 2;
	}
	if (hi - from > step)
		hi = from + step;
	from++;
	while (from < hi) {
		size_t middle = from + (hi - from) / 2;

		if (same(&index->entry[middle], key, n))
			from = middle + 1;
		else
			hi = middle;
	}
	return from;
}
