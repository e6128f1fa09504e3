#include "tools/transform/hold.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/data/stream.h"
#include "tools/transform/payload.h"

enum { PORTION = 256 << 10 };

/* ---- temporary files ---- */

static int temporary(int *fd, struct qf_err *err)
{
	const char *dir = getenv("TMPDIR");
	QF_AUTO_FREE char *path = qf_asprintf("%s/fortress-XXXXXX", dir && *dir ? dir : "/tmp");
	int made = mkostemp(path, O_CLOEXEC);

	if (made < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "no temporary file %s (TMPDIR names another place)", path);
	unlink(path);
	*fd = made + 1;
	return 0;
}

static int no_space(int number, struct qf_err *err)
{
	return qf_err_errno(err, QF_E_IO, number, "cannot write to a temporary file (TMPDIR names another place)");
}

static void spill_free(struct qf_spill *s)
{
	if (s->fd) {
		munmap(s->p, s->cap);
		close(s->fd - 1);
	} else {
		free(s->p);
	}
	*s = (struct qf_spill){ .limit = s->limit };
}

/* Room for n bytes in all; new ones are zero. */
static int spill_room(struct qf_spill *s, size_t n, struct qf_err *err)
{
	size_t cap = s->cap ? s->cap : 4096;
	char *p;
	int rc;

	if (n <= s->cap)
		return 0;
	while (cap < n)
		cap *= 2;
	if (!s->fd && cap <= s->limit) {
		s->p = qf_realloc(s->p, cap, 1);
		memset(s->p + s->cap, 0, cap - s->cap);
		s->cap = cap;
		return 0;
	}
	if (s->fd) {
		if ((rc = posix_fallocate(s->fd - 1, 0, (off_t)cap)) != 0)
			return no_space(rc, err);
		p = mremap(s->p, s->cap, cap, MREMAP_MAYMOVE);
	} else {
		if (temporary(&s->fd, err) < 0)
			return -1;
		/* Blocks are taken now: without them a full disk would be a signal later. */
		rc = posix_fallocate(s->fd - 1, 0, (off_t)cap);
		p = rc ? MAP_FAILED : mmap(NULL, cap, PROT_READ | PROT_WRITE, MAP_SHARED, s->fd - 1, 0);
		if (p == MAP_FAILED) {
			close(s->fd - 1);
			s->fd = 0;
			return no_space(rc ? rc : errno, err);
		}
		if (s->n)
			memcpy(p, s->p, s->n);
		free(s->p);
	}
	if (p == MAP_FAILED)
		return no_space(errno, err);
	s->p = p;
	s->cap = cap;
	return 0;
}

/* ---- the spool ---- */

static int spool_flush(struct qf_hold *h, struct qf_err *err)
{
	const char *p = h->tail.p;

	if (!h->fd && temporary(&h->fd, err) < 0)
		return -1;
	while (h->tail.n) {
		ssize_t n = pwrite(h->fd - 1, p, h->tail.n, (off_t)h->spooled);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return no_space(errno, err);
		h->spooled += (uint64_t)n;
		h->tail.n -= (size_t)n;
		p += n;
	}
	/* From now on it goes out in small pieces, which stay in the processor's cache. */
	if (h->tail.cap > 4 * PORTION)
		qf_buf_release(&h->tail);
	h->tail_limit = PORTION;
	return 0;
}

static int spool_read(struct qf_hold *h, uint64_t at, char *to, size_t n, struct qf_err *err)
{
	while (n) {
		ssize_t got = pread(h->fd - 1, to, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return qf_err_errno(err, QF_E_IO, got ? errno : EIO, "cannot read a temporary file");
		at += (uint64_t)got;
		to += got;
		n -= (size_t)got;
	}
	return 0;
}

/* ---- the index ---- */

static struct qf_held *item(const struct qf_hold *h, uint64_t i)
{
	return (struct qf_held *)h->items.p + i;
}

/* Open addressing: index + 1, 0 for free. */
static uint32_t *slot_of(const struct qf_hold *h, const uint64_t group[2])
{
	size_t n = h->slots.n / sizeof(uint32_t), at = (size_t)group[0] & (n - 1);
	uint32_t *slots = (uint32_t *)h->slots.p;

	while (slots[at] && memcmp(item(h, slots[at] - 1)->group, group, 2 * sizeof(*group)) != 0)
		at = (at + 1) & (n - 1);
	return &slots[at];
}

static int slots_grow(struct qf_hold *h, struct qf_err *err)
{
	struct qf_spill old = h->slots;
	size_t n = old.n ? 2 * old.n : 1024 * sizeof(uint32_t);

	if (old.n && (h->n + 1) * 2 * sizeof(uint32_t) <= old.n)
		return 0;
	h->slots = (struct qf_spill){ .limit = old.limit };
	if (spill_room(&h->slots, n, err) < 0) {
		h->slots = old;
		return -1;
	}
	h->slots.n = n;
	for (uint64_t i = 0; i < h->n; i++)
		if (!item(h, i)->gone && (item(h, i)->group[0] | item(h, i)->group[1]))
			*slot_of(h, item(h, i)->group) = (uint32_t)(i + 1);
	spill_free(&old);
	return 0;
}

static int keep_key(struct qf_hold *h, const struct qf_id *id, struct qf_hold_key *to, struct qf_err *err)
{
	to->kind = id->kind;
	if (id->kind == QF_ID_NUM) {
		to->num = id->num;
	} else if (id->kind == QF_ID_UUID) {
		memcpy(to->uuid, id->uuid, sizeof(to->uuid));
	} else if (id->text.n) {
		if (spill_room(&h->texts, h->texts.n + id->text.n, err) < 0)
			return -1;
		to->text_at = h->texts.n;
		to->text_n = (uint32_t)id->text.n;
		memcpy(h->texts.p + h->texts.n, id->text.p, id->text.n);
		h->texts.n += id->text.n;
	}
	return 0;
}

struct qf_id qf_hold_id(const struct qf_hold *h, const struct qf_hold_key *key)
{
	struct qf_id id = { .kind = key->kind };

	if (id.kind == QF_ID_NUM)
		id.num = key->num;
	else if (id.kind == QF_ID_UUID)
		memcpy(id.uuid, key->uuid, sizeof(id.uuid));
	else
		id.text = (struct qf_str){ key->text_n ? h->texts.p + key->text_at : "", key->text_n };
	return id;
}

int qf_hold_order(const struct qf_id *a, const struct qf_id *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	if (a->kind == QF_ID_NUM)
		return (a->num > b->num) - (a->num < b->num);
	return a->kind == QF_ID_UUID ? memcmp(a->uuid, b->uuid, sizeof(a->uuid)) : qf_str_cmp(a->text, b->text);
}

/* ---- in and out ---- */

void qf_hold_init(struct qf_hold *h, unsigned long long memory)
{
	h->tail_limit = (size_t)memory / 2;
	h->items.limit = (size_t)memory / 4;
	h->slots.limit = h->texts.limit = (size_t)memory / 8;
}

void qf_hold_free(struct qf_hold *h)
{
	spill_free(&h->items);
	spill_free(&h->slots);
	spill_free(&h->texts);
	qf_buf_release(&h->tail);
	if (h->fd)
		close(h->fd - 1);
	h->fd = 0;
}

void qf_hold_reset(struct qf_hold *h)
{
	size_t limit = h->tail_limit;

	qf_hold_free(h);
	h->n = h->out = h->spooled = 0;
	h->tail_limit = limit;
}

struct qf_held *qf_hold_find(struct qf_hold *h, const uint64_t group[2])
{
	uint32_t at = h->slots.n ? *slot_of(h, group) : 0;

	return at && !item(h, at - 1)->gone ? item(h, at - 1) : NULL;
}

void qf_hold_drop(struct qf_held *held)
{
	held->gone = true;
}

int qf_hold_add(struct qf_hold *h, struct qf_record *rec, const uint64_t group[2],
		const struct qf_id *key, struct qf_held *instead, struct qf_arena *arena,
		struct qf_err *err)
{
	struct qf_held *add, made = { .at = h->spooled + h->tail.n, .line_no = rec->line_no,
				      .group = { group[0], group[1] } };
	size_t from = h->tail.n, input;
	bool grouped = group[0] | group[1];

	/* A line that came from nowhere else has an input of the same bytes, which need not be kept twice. */
	input = rec->input.p && rec->input.p != rec->line.p ? rec->input.n : 0;
	if (qf_payload_flush(rec, arena, err) < 0)
		return -1;
	if (rec->line.p)
		qf_buf_add_str(&h->tail, rec->line);
	else if (qf_line_write(rec, QF_VECTORS_KEEP, &h->tail, err) < 0) {
		h->tail.n = from;
		return -1;
	}
	if (h->tail.n - from > UINT32_MAX || h->n >= UINT32_MAX - 1) {
		h->tail.n = from;
		return qf_err_set(err, QF_E_DATA, "more than 2^32 points, or bytes in one, cannot be held back");
	}
	made.n = (uint32_t)(h->tail.n - from);
	made.n_input = (uint32_t)input;
	qf_buf_add(&h->tail, rec->input.p, input);
	if (instead)
		qf_hold_drop(instead);
	if (h->tail.n > h->tail_limit && spool_flush(h, err) < 0)
		return -1;
	if (keep_key(h, &rec->id, &made.id, err) < 0 ||
	    (qf_hold_order(&rec->id, key) == 0 ? (made.key = made.id, 0) : keep_key(h, key, &made.key, err)) < 0 ||
	    spill_room(&h->items, (h->n + 1) * sizeof(made), err) < 0 || slots_grow(h, err) < 0)
		return -1;
	add = item(h, h->n);
	*add = made;
	h->items.n = (h->n + 1) * sizeof(made);
	if (grouped)
		*slot_of(h, group) = (uint32_t)(h->n + 1);
	h->n++;
	return 0;
}

static int put(const struct qf_held *held, const char *bytes, struct qf_batch *out, struct qf_err *err)
{
	struct qf_record *rec = qf_batch_add(out, QF_REC_POINT);
	struct qf_str line = { bytes, held->n };

	if (qf_line_parse(line, 0, rec, &out->arena, err) < 0)
		return qf_err_wrap(err, "a point that was held back (line %llu)", (unsigned long long)held->line_no);
	rec->line_no = held->line_no;
	rec->input = held->n_input ? (struct qf_str){ bytes + held->n, held->n_input } : line;
	return 0;
}

int qf_hold_release(struct qf_hold *h, struct qf_batch *out, struct qf_err *err)
{
	uint64_t first, end, from, bytes = 0;
	char *p;

	while (h->out < h->n && item(h, h->out)->gone)
		h->out++;
	if (h->out == h->n)
		return 0;
	if (h->fd && h->tail.n && spool_flush(h, err) < 0)
		return -1;
	/* Those that follow each other closely, with the bytes between them. */
	from = item(h, h->out)->at;
	for (first = end = h->out; end < h->n && (bytes == 0 || item(h, end)->at - from < PORTION); end++)
		if (!item(h, end)->gone)
			bytes = item(h, end)->at + item(h, end)->n + item(h, end)->n_input - from;
	p = qf_arena_alloc(&out->arena, bytes);
	if (!h->fd)
		memcpy(p, h->tail.p + from, bytes);
	else if (spool_read(h, from, p, bytes, err) < 0)
		return -1;
	for (h->out = end; first < end; first++)
		if (!item(h, first)->gone && put(item(h, first), p + (item(h, first)->at - from), out, err) < 0)
			return -1;
	return 1;
}
