/* Reading texts. */
#include <errno.h>
#include <unistd.h>

#include "tools/align/scan/input.h"

enum { RAW = 256 << 10 };

void qf_input_start(struct qf_input *in, int fd, struct qf_str memory, uint64_t size)
{
	char *raw = in->raw;

	*in = (struct qf_input){ .fd = fd, .all = memory, .memory = memory, .size = size, .raw = raw };
}

void qf_input_release(struct qf_input *in)
{
	free(in->raw);
	in->raw = NULL;
}

/* Bytes as they are. */
static ssize_t take(struct qf_input *in, char *p, size_t room)
{
	ssize_t n;

	if (in->fd < 0) {
		n = (ssize_t)(in->memory.n < room ? in->memory.n : room);
		if (n)
			memcpy(p, in->memory.p, (size_t)n);
		in->memory.p += n;
		in->memory.n -= (size_t)n;
		in->last = !in->memory.n;
		return n;
	}
	do
		n = read(in->fd, p, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	in->reads++;
	in->got += (uint64_t)n;
	/* A read that gives less than was asked for, up to the size, has met the end. */
	in->last = n == 0 || ((size_t)n < room && in->got == in->size);
	return n;
}

/* The mark at the start of UTF-16, or of UTF-32, which as UTF-16 would be a text that begins with NUL. */
static bool begins_wide(struct qf_input *in, const char *p, size_t n)
{
	const unsigned char *b = (const unsigned char *)p;

	if (n < 2 || (b[0] ^ b[1]) != 1 || b[0] < 0xfe)
		return false;
	in->utf16.big = b[0] == 0xfe;
	in->binary = b[0] == 0xff && n >= 4 && !b[2] && !b[3];
	return !in->binary;
}

static ssize_t read_wide(struct qf_input *in, char *p, size_t room)
{
	size_t made = 0;

	while (room - made >= 16) {
		size_t n = in->raw_n - in->raw_at, most = (room - made - 6) / 3 * 2;

		if (!n) {
			ssize_t got = in->last ? 0 : take(in, in->raw, RAW);

			if (got < 0)
				return -1;
			if (!got) {
				in->eof = true;
				made += qf_utf16_end(&in->utf16, p + made);
				break;
			}
			in->raw_at = 0;
			in->raw_n = (size_t)got;
			continue;
		}
		if (n > most)
			n = most;
		made += qf_utf16_add(&in->utf16, in->raw + in->raw_at, n, p + made);
		in->raw_at += n;
	}
	return (ssize_t)made;
}

ssize_t qf_input_read(struct qf_input *in, char *p, size_t room)
{
	ssize_t n;

	if (in->wide)
		return read_wide(in, p, room);
	n = take(in, p, in->begun || room < RAW ? room : RAW);
	in->eof = in->last;
	if (in->begun || n <= 0)
		return n;
	in->begun = true;
	in->wide = begins_wide(in, p, (size_t)n);
	if (!in->wide)
		return n;
	if (!in->raw)
		in->raw = qf_malloc(RAW);
	memcpy(in->raw, p, (size_t)n);
	in->raw_at = 2;
	in->raw_n = (size_t)n;
	in->eof = false;
	return read_wide(in, p, room);
}

bool qf_input_again(const struct qf_input *in, uint64_t at, char *p, size_t n)
{
	if (in->fd < 0) {
		memcpy(p, in->all.p + at, n);
		return true;
	}
	while (n) {
		ssize_t got = pread(in->fd, p, n, (off_t)at);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		at += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

struct qf_str qf_input_text(struct qf_str bytes, struct qf_buf *out)
{
	struct qf_input in = { .fd = -1 };

	if (!begins_wide(&in, bytes.p, bytes.n))
		return bytes;
	qf_buf_reset(out);
	out->n += qf_utf16_add(&in.utf16, bytes.p + 2, bytes.n - 2, qf_buf_room(out, bytes.n / 2 * 3 + 16));
	out->n += qf_utf16_end(&in.utf16, out->p + out->n);
	return qf_buf_str(out);
}
