#include "common/data/json.h"

/* May this byte of a string pass without a look? */
static inline bool plain(unsigned char c)
{
	return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* The same for eight at once: no control character, quote, backslash or high bit among them. */
static inline bool plain8(const char *p)
{
	const uint64_t ones = 0x0101010101010101ull, high = 0x8080808080808080ull;
	uint64_t w, quote, slash;

	memcpy(&w, p, 8);
	quote = w ^ ones * '"';
	slash = w ^ ones * '\\';
	return !((w | (w - ones * 0x20) | (quote - ones) | (slash - ones)) & high);
}

static int hex4(const char *p)
{
	int v = 0;

	for (int i = 0; i < 4; i++) {
		int c = p[i];

		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			c = (c | 32) - 'a' + 10;
		else
			return -1;
		v = v << 4 | c;
	}
	return v;
}

/* p stands behind the opening quote; returns what stands behind the closing one. */
static const char *skip_string(const char *p, const char *end, const char **why, const char **bad)
{
	for (;;) {
		unsigned char c;
		const char *from;

		while (end - p >= 8 && plain8(p))
			p += 8;
		while (p < end && plain((unsigned char)*p))
			p++;
		*bad = p;
		if (p >= end) {
			*why = "a string is not closed";
			return NULL;
		}
		c = (unsigned char)*p;
		if (c == '"')
			return p + 1;
		if (c < 0x20) {
			*why = "a control character stands in a string";
			return NULL;
		}
		if (c == '\\') {
			int v, low;

			if (end - p < 2) {
				*why = "a string is not closed";
				return NULL;
			}
			if (p[1] != 'u') {
				if (!p[1] || !strchr("\"\\/bfnrt", p[1])) {
					*why = "unknown escape in a string";
					return NULL;
				}
				p += 2;
				continue;
			}
			v = end - p >= 6 ? hex4(p + 2) : -1;
			if (v < 0) {
				*why = "\\u without four hex digits";
				return NULL;
			}
			p += 6;
			if (v >= 0xdc00 && v <= 0xdfff) {
				*why = "lone surrogate";
				return NULL;
			}
			if (v >= 0xd800 && v <= 0xdbff) {
				low = end - p >= 6 && p[0] == '\\' && p[1] == 'u' ? hex4(p + 2) : -1;
				if (low < 0xdc00 || low > 0xdfff) {
					*why = "lone surrogate";
					return NULL;
				}
				p += 6;
			}
			continue;
		}
		for (from = p; p < end && (unsigned char)*p >= 0x80;)
			p++;
		if (!qf_utf8_valid(from, (size_t)(p - from))) {
			*bad = from;
			*why = "invalid UTF-8";
			return NULL;
		}
	}
}

static const char *digits(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && *p >= '0' && *p <= '9')
		p++;
	return p > from ? p : NULL;
}

static const char *skip_number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (p < end && *p == '0')
		p++;
	else if (!(p = digits(p, end)))
		return NULL;
	if (p < end && *p == '.' && !(p = digits(p + 1, end)))
		return NULL;
	if (p < end && (*p | 32) == 'e') {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		p = digits(p, end);
	}
	return p;
}

static const char *skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'))
		p++;
	return p;
}

/*
 * Without recursion: open containers are bits of a word (1 = object), so depth is bounded by the
 * caller's limit, which is at most 64.
 */
const char *qf_json_skip(const char *p, const char *end, unsigned max_depth, const char **why,
			 const char **bad)
{
	uint64_t objects = 0;
	unsigned depth = 0;

	if (max_depth > 64)
		max_depth = 64;
	for (;;) {
		/* A value stands here. */
		p = skip_space(p, end);
		*bad = p;
		if (p >= end) {
			*why = "a value is missing";
			return NULL;
		}
		if (*p == '{' || *p == '[') {
			bool object = *p++ == '{';

			if (depth == max_depth) {
				*why = "nested too deeply";
				return NULL;
			}
			p = skip_space(p, end);
			if (p < end && *p == (object ? '}' : ']')) {
				p++;
			} else {
				objects = objects << 1 | object;
				depth++;
				if (object)
					goto key;
				continue;
			}
		} else if (*p == '"') {
			p = skip_string(p + 1, end, why, bad);
			if (!p)
				return NULL;
		} else if (*p == '-' || (*p >= '0' && *p <= '9')) {
			const char *after = skip_number(p, end);

			if (!after) {
				*why = "not a number";
				return NULL;
			}
			p = after;
		} else if (end - p >= 4 && (!memcmp(p, "true", 4) || !memcmp(p, "null", 4))) {
			p += 4;
		} else if (end - p >= 5 && !memcmp(p, "false", 5)) {
			p += 5;
		} else {
			*why = "not a JSON value";
			return NULL;
		}
		/* A value is done: close what it closes, or go on behind a comma. */
		for (;;) {
			if (depth == 0)
				return p;
			p = skip_space(p, end);
			*bad = p;
			if (p >= end) {
				*why = "an object or array is not closed";
				return NULL;
			}
			if (*p == ',') {
				p++;
				break;
			}
			if (*p != (objects & 1 ? '}' : ']')) {
				*why = "',' or the closing bracket is missing";
				return NULL;
			}
			p++;
			objects >>= 1;
			depth--;
		}
		if (!(objects & 1))
			continue;
key:
		p = skip_space(p, end);
		*bad = p;
		if (p >= end || *p != '"') {
			*why = "a key is missing";
			return NULL;
		}
		p = skip_string(p + 1, end, why, bad);
		if (!p)
			return NULL;
		p = skip_space(p, end);
		*bad = p;
		if (p >= end || *p != ':') {
			*why = "':' is missing";
			return NULL;
		}
		p++;
	}
}

/* ---- the scanner ---- */

static bool fail(struct qf_scan *s, const char *why)
{
	if (!s->why)
		s->why = why;
	return false;
}

bool qf_scan_take(struct qf_scan *s, char c)
{
	s->p = skip_space(s->p, s->end);
	if (s->why || s->p >= s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

/* Resolves the escapes of a string that has been checked. */
static struct qf_str unescape(const char *p, const char *end, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	while (p < end) {
		const char *slash = memchr(p, '\\', (size_t)(end - p));
		unsigned v;

		if (!slash) {
			qf_buf_add(&out, p, (size_t)(end - p));
			break;
		}
		qf_buf_add(&out, p, (size_t)(slash - p));
		p = slash + 2;
		switch (slash[1]) {
		case 'b':
			qf_buf_addc(&out, '\b');
			break;
		case 'f':
			qf_buf_addc(&out, '\f');
			break;
		case 'n':
			qf_buf_addc(&out, '\n');
			break;
		case 'r':
			qf_buf_addc(&out, '\r');
			break;
		case 't':
			qf_buf_addc(&out, '\t');
			break;
		case 'u':
			v = (unsigned)hex4(p);
			p += 4;
			if (v >= 0xd800 && v <= 0xdbff) {
				v = 0x10000 + ((v - 0xd800) << 10) + ((unsigned)hex4(p + 2) - 0xdc00);
				p += 6;
			}
			out.n += qf_utf8_put(qf_buf_room(&out, 4), v);
			break;
		default:
			qf_buf_addc(&out, slash[1]);
		}
	}
	return qf_arena_dup(arena, out.p, out.n);
}

struct qf_str qf_scan_string(struct qf_scan *s, struct qf_arena *arena)
{
	const char *from, *after, *why = NULL, *bad;

	if (!qf_scan_take(s, '"')) {
		fail(s, "a string is expected");
		return (struct qf_str){ 0 };
	}
	from = s->p;
	after = skip_string(from, s->end, &why, &bad);
	if (!after) {
		s->p = bad;
		fail(s, why);
		return (struct qf_str){ 0 };
	}
	s->p = after;
	if (!memchr(from, '\\', (size_t)(after - 1 - from)))
		return (struct qf_str){ from, (size_t)(after - 1 - from) };
	return unescape(from, after - 1, arena);
}

struct qf_str qf_scan_string_or_null(struct qf_scan *s, struct qf_arena *arena)
{
	s->p = skip_space(s->p, s->end);
	if (s->end - s->p >= 4 && !memcmp(s->p, "null", 4)) {
		s->p += 4;
		return (struct qf_str){ 0 };
	}
	return qf_scan_string(s, arena);
}

bool qf_scan_member(struct qf_scan *s, bool *first, struct qf_str *key, struct qf_arena *arena)
{
	if (s->why)
		return false;
	if (*first) {
		if (!qf_scan_take(s, '{'))
			return fail(s, "an object is expected");
		if (qf_scan_take(s, '}'))
			return false;
		*first = false;
	} else {
		if (qf_scan_take(s, '}'))
			return false;
		if (!qf_scan_take(s, ','))
			return fail(s, "',' or '}' is missing");
	}
	*key = qf_scan_string(s, arena);
	if (s->why)
		return false;
	if (!qf_scan_take(s, ':'))
		return fail(s, "':' is missing");
	return true;
}

struct qf_str qf_scan_value(struct qf_scan *s)
{
	const char *from, *after, *why = NULL, *bad;

	s->p = skip_space(s->p, s->end);
	from = s->p;
	if (s->why)
		return (struct qf_str){ 0 };
	after = qf_json_skip(from, s->end, QF_JSON_MAX_DEPTH, &why, &bad);
	if (!after) {
		s->p = bad;
		fail(s, why);
		return (struct qf_str){ 0 };
	}
	s->p = after;
	return (struct qf_str){ from, (size_t)(after - from) };
}
