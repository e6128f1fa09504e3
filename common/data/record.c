#include "common/data/record.h"

#include <stdlib.h>
#include <uuid/uuid.h>

void qf_batch_reset(struct qf_batch *b)
{
	b->n = 0;
	qf_arena_reset(&b->arena);
}

void qf_batch_release(struct qf_batch *b)
{
	free(b->rec);
	qf_arena_release(&b->arena);
	*b = (struct qf_batch){ 0 };
}

struct qf_record *qf_batch_add(struct qf_batch *b, enum qf_record_type type)
{
	struct qf_record *rec;

	QF_GROW(b->rec, b->n, b->cap);
	rec = &b->rec[b->n++];
	memset(rec, 0, sizeof(*rec));
	rec->type = type;
	return rec;
}

void qf_batch_keep(struct qf_batch *b, const bool *keep)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++)
		if (keep[i])
			b->rec[n++] = b->rec[i];
	b->n = n;
}

const char *qf_record_where(const struct qf_record *rec, struct qf_arena *arena)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };

	qf_buf_printf(&out, "collection '%.*s'", QF_STR_ARG(rec->collection));
	if (rec->tenant.p)
		qf_buf_printf(&out, ", tenant '%.*s'", QF_STR_ARG(rec->tenant));
	if (rec->id.kind != QF_ID_NONE) {
		QF_BUF_LIT(&out, ", id ");
		qf_id_text(&out, &rec->id);
	}
	if (rec->line_no)
		qf_buf_printf(&out, ", line %llu", (unsigned long long)rec->line_no);
	return qf_arena_dup(arena, out.p, out.n).p;
}

/* ---- ids ---- */

static int hex(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 32;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int qf_uuid_parse(struct qf_str text, uint8_t uuid[16])
{
	const char *p = text.p;
	size_t n = text.n;
	bool hyphens;

	if (n == 45 && !memcmp(p, "urn:uuid:", 9))
		p += 9, n -= 9;
	else if (n == 38 && p[0] == '{' && p[37] == '}')
		p++, n -= 2;
	hyphens = n == 36;
	if (!hyphens && n != 32)
		return -1;
	for (int i = 0; i < 16; i++) {
		int high, low;

		if (hyphens && (i == 4 || i == 6 || i == 8 || i == 10) && *p++ != '-')
			return -1;
		high = hex(p[0]);
		low = hex(p[1]);
		if (high < 0 || low < 0)
			return -1;
		uuid[i] = (uint8_t)(high << 4 | low);
		p += 2;
	}
	return 0;
}

void qf_uuid_format(const uint8_t uuid[16], char out[37])
{
	static const char digits[] = "0123456789abcdef";

	for (int i = 0; i < 16; i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*out++ = '-';
		*out++ = digits[uuid[i] >> 4];
		*out++ = digits[uuid[i] & 15];
	}
	*out = '\0';
}

void qf_uuid_random(uint8_t uuid[16])
{
	uuid_generate_random(uuid);
}

void qf_uuid_name(const uint8_t space[16], struct qf_str name, uint8_t uuid[16])
{
	uuid_generate_sha1(uuid, space, name.p ? name.p : "", name.n);
}

int qf_uuid_space(const char *text, uint8_t space[16])
{
	const uuid_t *known = uuid_get_template(text);

	if (!known)
		return qf_uuid_parse(qf_str(text), space);
	memcpy(space, *known, 16);
	return 0;
}

void qf_uuid_url(struct qf_str name, uint8_t uuid[16])
{
	qf_uuid_name(*uuid_get_template("url"), name, uuid);
}

struct qf_id qf_id_of_text(struct qf_str text)
{
	struct qf_id id = { .kind = QF_ID_TEXT, .text = text };
	uint64_t num = 0;

	if (qf_uuid_parse(text, id.uuid) == 0) {
		id.kind = QF_ID_UUID;
		return id;
	}
	if (text.n == 0 || text.n > 20 || (text.p[0] == '0' && text.n > 1))
		return id;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || __builtin_mul_overflow(num, 10, &num) ||
		    __builtin_add_overflow(num, (uint64_t)(text.p[i] - '0'), &num))
			return id;
	}
	id.kind = QF_ID_NUM;
	id.num = num;
	return id;
}

void qf_id_text(struct qf_buf *out, const struct qf_id *id)
{
	char text[37];

	switch (id->kind) {
	case QF_ID_NUM:
		qf_buf_add_u64(out, id->num);
		break;
	case QF_ID_UUID:
		qf_uuid_format(id->uuid, text);
		qf_buf_add(out, text, 36);
		break;
	case QF_ID_TEXT:
		qf_buf_add_str(out, id->text);
		break;
	case QF_ID_NONE:
		break;
	}
}

void qf_id_write(struct qf_buf *out, const struct qf_id *id)
{
	if (id->kind == QF_ID_TEXT) {
		qf_json_write_string(out, id->text);
		return;
	}
	if (id->kind == QF_ID_UUID)
		qf_buf_addc(out, '"');
	qf_id_text(out, id);
	if (id->kind == QF_ID_UUID)
		qf_buf_addc(out, '"');
}
