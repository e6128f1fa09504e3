#include "common/data/json.h"

void qf_json_write_string(struct qf_buf *out, struct qf_str s)
{
	static const char hex[] = "0123456789abcdef";
	const char *p = s.p, *end = s.p + s.n, *from = p;
	char *at;

	qf_buf_addc(out, '"');
	for (; p < end; p++) {
		unsigned char c = (unsigned char)*p;

		if (__builtin_expect(c >= 0x20 && c != '"' && c != '\\', 1))
			continue;
		qf_buf_add(out, from, (size_t)(p - from));
		from = p + 1;
		at = qf_buf_room(out, 6);
		*at++ = '\\';
		switch (c) {
		case '"':
		case '\\':
			*at++ = (char)c;
			break;
		case '\b':
			*at++ = 'b';
			break;
		case '\f':
			*at++ = 'f';
			break;
		case '\n':
			*at++ = 'n';
			break;
		case '\r':
			*at++ = 'r';
			break;
		case '\t':
			*at++ = 't';
			break;
		default:
			*at++ = 'u';
			*at++ = '0';
			*at++ = '0';
			*at++ = hex[c >> 4];
			*at++ = hex[c & 15];
		}
		out->n = (size_t)(at - out->p);
	}
	if (from < end)
		qf_buf_add(out, from, (size_t)(end - from));
	qf_buf_addc(out, '"');
}

void qf_json_write(struct qf_buf *out, const struct qf_json *node)
{
	switch (node->type) {
	case QF_JSON_NULL:
		QF_BUF_LIT(out, "null");
		break;
	case QF_JSON_BOOL:
		qf_buf_puts(out, node->boolean ? "true" : "false");
		break;
	case QF_JSON_NUMBER:
		qf_buf_add_str(out, node->text);
		break;
	case QF_JSON_STRING:
		qf_json_write_string(out, node->text);
		break;
	case QF_JSON_OBJECT:
	case QF_JSON_ARRAY:
		qf_buf_addc(out, node->type == QF_JSON_OBJECT ? '{' : '[');
		for (const struct qf_json *c = node->child; c; c = c->next) {
			if (c != node->child)
				qf_buf_addc(out, ',');
			if (node->type == QF_JSON_OBJECT) {
				qf_json_write_string(out, c->key);
				qf_buf_addc(out, ':');
			}
			qf_json_write(out, c);
		}
		qf_buf_addc(out, node->type == QF_JSON_OBJECT ? '}' : ']');
	}
}
