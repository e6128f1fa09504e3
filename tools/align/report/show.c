/* Text out of a foreign tree: escapes for terminals, JSON and URIs. */
#include "common/data/json.h"
#include "tools/align/report/show.h"

/* The character at p: its length in bytes, or 0 where it is not UTF-8. */
static size_t decode(const char *p, const char *end, uint32_t *ret)
{
	unsigned char c = (unsigned char)*p;
	size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : 2;

	if ((size_t)(end - p) < n || !qf_utf8_valid(p, n))
		return 0;
	*ret = n == 1 ? c : c & (0x7fu >> n);
	for (size_t i = 1; i < n; i++)
		*ret = *ret << 6 | ((unsigned char)p[i] & 0x3f);
	return n;
}

/* Could it drive a terminal, hide or reorder what stands around it? */
static bool is_risky(uint32_t c)
{
	static const struct {
		uint32_t from, to;
	} risky[] = {
		{ 0x00, 0x1f },	    { 0x7f, 0x9f },	{ 0x061c, 0x061c }, { 0x180e, 0x180e },	  { 0x200b, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < QF_LEN(risky); i++)
		if (c >= risky[i].from && c <= risky[i].to)
			return true;
	return false;
}

void qf_show_text(struct qf_buf *out, struct qf_str s)
{
	const char *p = s.p, *end = s.p + s.n, *from = p;

	while (p < end) {
		uint32_t c = 0;
		size_t n = decode(p, end, &c);

		if (n && (c == '\t' || !is_risky(c))) {
			p += n;
			continue;
		}
		qf_buf_add(out, from, (size_t)(p - from));
		if (!n)
			qf_buf_printf(out, "\\x%02x", (unsigned char)*p);
		else
			qf_buf_printf(out, c < 0x100 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x", c);
		from = p += n ? n : 1;
	}
	qf_buf_add(out, from, (size_t)(p - from));
}

static bool needs_quotes(struct qf_str path)
{
	const char *p = path.p, *end = path.p + path.n;

	while (p < end) {
		uint32_t c = 0;
		size_t n = decode(p, end, &c);

		if (!n || is_risky(c) || c == '"' || c == '\\')
			return true;
		p += n;
	}
	return memmem(path.p, path.n, "::", 2) != NULL;
}

void qf_show_path(struct qf_buf *out, const char *path)
{
	static const char named[] = "\a\b\t\n\v\f\r\"\\", names[] = "abtnvfr\"\\";
	struct qf_str s = qf_str(path);
	const char *p = path, *end = path + s.n;

	if (!needs_quotes(s)) {
		qf_buf_add_str(out, s);
		return;
	}
	qf_buf_addc(out, '"');
	while (p < end) {
		uint32_t c = 0;
		size_t n = decode(p, end, &c);
		const char *at = n == 1 && c ? strchr(named, (int)c) : NULL;

		if (at) {
			qf_buf_addc(out, '\\');
			qf_buf_addc(out, names[at - named]);
		} else if (n && !is_risky(c)) {
			qf_buf_add(out, p, n);
		} else {
			for (size_t i = 0; i < (n ? n : 1); i++)
				qf_buf_printf(out, "\\%03o", (unsigned char)p[i]);
		}
		p += n ? n : 1;
	}
	qf_buf_addc(out, '"');
}

void qf_show_number(struct qf_buf *out, uint64_t n)
{
	if (n >= 1000) {
		qf_show_number(out, n / 1000);
		qf_buf_printf(out, ",%03u", (unsigned)(n % 1000));
	} else {
		qf_buf_add_u64(out, n);
	}
}

void qf_show_count(struct qf_buf *out, uint64_t n, const char *noun)
{
	qf_show_number(out, n);
	qf_buf_printf(out, " %s%s", noun, n == 1 ? "" : "s");
}

void qf_show_utf8(struct qf_buf *out, struct qf_str s)
{
	const char *p = s.p, *end = s.p + s.n;

	if (qf_utf8_valid(s.p, s.n)) {
		qf_buf_add_str(out, s);
		return;
	}
	while (p < end) {
		uint32_t c = 0;
		size_t n = decode(p, end, &c);

		if (n)
			qf_buf_add(out, p, n);
		else
			QF_BUF_LIT(out, "\xef\xbf\xbd");
		p += n ? n : 1;
	}
}

void qf_show_json(struct qf_buf *out, struct qf_str s)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };

	if (qf_utf8_valid(s.p, s.n)) {
		qf_json_write_string(out, s);
		return;
	}
	qf_show_utf8(&text, s);
	qf_json_write_string(out, qf_buf_str(&text));
}

static void add_encoded(struct qf_buf *out, unsigned char c, bool plain)
{
	if (plain)
		qf_buf_addc(out, (char)c);
	else
		qf_buf_printf(out, "%%%02X", c);
}

bool qf_show_path_utf8(struct qf_buf *out, const char *path)
{
	struct qf_str s = qf_str(path);

	if (qf_utf8_valid(s.p, s.n)) {
		qf_buf_add_str(out, s);
		return false;
	}
	for (const unsigned char *p = (const unsigned char *)path; *p; p++)
		add_encoded(out, *p, *p != '%' && *p < 127);
	return true;
}

void qf_show_uri(struct qf_buf *out, const char *path)
{
	for (const unsigned char *p = (const unsigned char *)path; *p; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9') ||
			     strchr("-._~/", *p);

		add_encoded(out, *p, plain);
	}
}
