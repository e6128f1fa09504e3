/* One line of the stream into a record. */
#include "common/data/schema.h"
#include "common/data/stream.h"

struct parse {
	struct qf_scan scan;
	struct qf_record *rec;
	struct qf_arena *arena;
	struct qf_err *err;
	unsigned max_depth;
};

static int bad(struct parse *p, const char *why)
{
	return qf_err_set(p->err, QF_E_DATA, "%s", p->scan.why ? p->scan.why : why);
}

/* A value kept as raw text, with the depth counted from the line's own object. */
static int raw(struct parse *p, char first, struct qf_str *ret, const char *what)
{
	const char *from, *after, *why = NULL, *at;

	while (p->scan.p < p->scan.end && (*p->scan.p == ' ' || *p->scan.p == '\t'))
		p->scan.p++;
	from = p->scan.p;
	if (first && (from >= p->scan.end || *from != first))
		return bad(p, what);
	after = qf_json_skip(from, p->scan.end, p->max_depth - 1, &why, &at);
	if (!after)
		return qf_err_set(p->err, QF_E_DATA, "%s at byte %zu", why, (size_t)(at - p->rec->line.p) + 1);
	p->scan.p = after;
	*ret = (struct qf_str){ from, (size_t)(after - from) };
	return 0;
}

/*
 * The vector. Its usual form, one string of base64, is found by its closing quote: that is faster
 * than looking at every character, and the decoder checks them all anyway.
 */
static int vector(struct parse *p)
{
	const char *from = p->scan.p, *quote;

	if (from < p->scan.end && *from == '"') {
		quote = memchr(from + 1, '"', (size_t)(p->scan.end - from - 1));
		if (!quote)
			return bad(p, "a string is not closed");
		p->rec->vector = (struct qf_str){ from, (size_t)(quote + 1 - from) };
		p->scan.p = quote + 1;
		return 0;
	}
	if (raw(p, 0, &p->rec->vector, NULL) < 0)
		return -1;
	if (p->rec->vector.p[0] != '[' && p->rec->vector.p[0] != '{')
		return bad(p, "\"vector\" must be an array, base64 text or an object of named vectors");
	return 0;
}

static int point_id(struct parse *p)
{
	struct qf_str text;

	if (p->scan.p < p->scan.end && *p->scan.p == '"') {
		text = qf_scan_string(&p->scan, p->arena);
		if (p->scan.why)
			return bad(p, NULL);
		p->rec->id = (struct qf_id){ .kind = QF_ID_TEXT, .text = text };
		if (qf_uuid_parse(text, p->rec->id.uuid) == 0)
			p->rec->id.kind = QF_ID_UUID;
		return 0;
	}
	text = qf_scan_value(&p->scan);
	if (!p->scan.why && text.n)
		p->rec->id = qf_id_of_text(text);
	if (p->rec->id.kind != QF_ID_NUM)
		return bad(p, "\"id\" must be a string or a whole number from 0 to 2^64-1");
	return 0;
}

static int boundary(struct parse *p, struct qf_str *ret)
{
	*ret = qf_scan_value(&p->scan);
	if (p->scan.why || ret->p[0] == '{' || ret->p[0] == '[')
		return bad(p, "the ends of a cursor must be strings, numbers or null");
	return 0;
}

enum member { M_TYPE = 1, M_COLLECTION = 2, M_TENANT = 4, M_ID = 8, M_VECTOR = 16, M_PAYLOAD = 32,
	      M_ERROR = 64, M_FROM = 128, M_TO = 256 };

static const struct {
	const char *name;
	enum member bit;
} members[] = {
	{ "collection", M_COLLECTION }, { "tenant", M_TENANT }, { "id", M_ID }, { "vector", M_VECTOR },
	{ "payload", M_PAYLOAD }, { "error", M_ERROR }, { "from", M_FROM }, { "to", M_TO },
};

static int one_member(struct parse *p, enum member m)
{
	while (p->scan.p < p->scan.end && (*p->scan.p == ' ' || *p->scan.p == '\t'))
		p->scan.p++;
	switch (m) {
	case M_COLLECTION:
		p->rec->collection = qf_scan_string(&p->scan, p->arena);
		return p->scan.why ? bad(p, NULL) : 0;
	case M_TENANT:
		p->rec->tenant = qf_scan_string_or_null(&p->scan, p->arena);
		return p->scan.why ? bad(p, NULL) : 0;
	case M_ID:
		return point_id(p);
	case M_VECTOR:
		return vector(p);
	case M_PAYLOAD:
		return raw(p, '{', &p->rec->payload, "\"payload\" must be an object");
	case M_ERROR:
		return raw(p, '{', &p->rec->error, "\"error\" must be an object");
	case M_FROM:
		return boundary(p, &p->rec->from);
	case M_TO:
		return boundary(p, &p->rec->to);
	default:
		return bad(p, "\"type\" stands twice");
	}
}

/* Point, delete and cursor lines: the scanner stands behind the type. */
static int data_line(struct parse *p, enum member need, enum member allow)
{
	struct qf_str key;
	bool first = false;
	unsigned seen = 0;

	while (qf_scan_member(&p->scan, &first, &key, p->arena)) {
		size_t i = 0;

		while (i < QF_LEN(members) && !qf_str_is(key, members[i].name))
			i++;
		if (i == QF_LEN(members) || !(allow & members[i].bit))
			return qf_err_set(p->err, QF_E_DATA, "unknown member \"%.*s\"", QF_STR_ARG(key));
		if (seen & members[i].bit)
			return qf_err_set(p->err, QF_E_DATA, "\"%s\" stands twice", members[i].name);
		seen |= members[i].bit;
		if (one_member(p, members[i].bit) < 0)
			return -1;
	}
	if (p->scan.why)
		return bad(p, NULL);
	for (size_t i = 0; i < QF_LEN(members); i++)
		if ((need & members[i].bit) && !(seen & members[i].bit))
			return qf_err_set(p->err, QF_E_DATA, "\"%s\" is missing", members[i].name);
	if (p->rec->collection.n == 0)
		return bad(p, "\"collection\" is empty");
	return 0;
}

/* Of two members with one name each reader would choose its own. */
static const char *const control_members[] = {
	"type", "version", "run", "mode", "source", "chain", "name", "vectors", "sparse", "payload", "aliases",
	"count", "settings", "notes", "scopes", "digest",
};

static int control_line(struct parse *p)
{
	struct qf_str whole;
	unsigned seen = 0;

	/* The tree has a limit of its own; the one of this stream may be lower. */
	p->scan.p = p->rec->line.p;
	p->max_depth++;
	if (raw(p, 0, &whole, NULL) < 0)
		return -1;
	if (qf_json_parse(p->arena, p->rec->line.p, p->rec->line.n, "control line", &p->rec->doc, p->err) < 0)
		return -1;
	p->scan.p = p->scan.end;
	for (const struct qf_json *m = p->rec->doc->child; m; m = m->next)
		for (size_t i = 0; i < QF_LEN(control_members); i++) {
			if (!qf_str_is(m->key, control_members[i]))
				continue;
			if (seen & 1u << i)
				return qf_err_set(p->err, QF_E_DATA, "\"%s\" stands twice", control_members[i]);
			seen |= 1u << i;
		}
	if (p->rec->type == QF_REC_COLLECTION) {
		p->rec->collection = qf_json_get_str(p->rec->doc, "name", NULL);
		return qf_schema_check(p->rec->doc, p->err);
	}
	return 0;
}

static int by_type(struct parse *p, struct qf_str type)
{
	struct qf_record *rec = p->rec;

	if (qf_str_is(type, "point")) {
		rec->type = QF_REC_POINT;
		return data_line(p, M_COLLECTION | M_ID,
				 M_COLLECTION | M_TENANT | M_ID | M_VECTOR | M_PAYLOAD | M_ERROR);
	}
	if (qf_str_is(type, "delete")) {
		rec->type = QF_REC_DELETE;
		return data_line(p, M_COLLECTION | M_ID, M_COLLECTION | M_TENANT | M_ID);
	}
	if (qf_str_is(type, "cursor")) {
		rec->type = QF_REC_CURSOR;
		return data_line(p, M_COLLECTION | M_FROM | M_TO, M_COLLECTION | M_TENANT | M_FROM | M_TO);
	}
	if (qf_str_is(type, "stream"))
		rec->type = QF_REC_STREAM;
	else if (qf_str_is(type, "collection"))
		rec->type = QF_REC_COLLECTION;
	else if (qf_str_is(type, "end"))
		rec->type = QF_REC_END;
	else
		return qf_err_set(p->err, QF_E_DATA, "unknown line type \"%.*s\" in a version 1 stream",
				  QF_STR_ARG(type));
	return control_line(p);
}

int qf_line_parse(struct qf_str line, unsigned max_depth, struct qf_record *rec,
		  struct qf_arena *arena, struct qf_err *err)
{
	struct parse p = {
		.scan = { .p = line.p, .end = line.p + line.n },
		.rec = rec, .arena = arena, .err = err,
		.max_depth = max_depth && max_depth <= QF_JSON_MAX_DEPTH ? max_depth : QF_JSON_MAX_DEPTH,
	};
	struct qf_str key, type;
	bool first = true;

	memset(rec, 0, sizeof(*rec));
	rec->line = line;
	if (!qf_scan_member(&p.scan, &first, &key, arena) || !qf_str_is(key, "type"))
		return bad(&p, "\"type\" must stand first");
	type = qf_scan_string(&p.scan, arena);
	if (p.scan.why)
		return bad(&p, NULL);
	if (by_type(&p, type) < 0)
		return -1;
	while (p.scan.p < p.scan.end && (*p.scan.p == ' ' || *p.scan.p == '\t' || *p.scan.p == '\r'))
		p.scan.p++;
	if (p.scan.p != p.scan.end)
		return bad(&p, "something stands behind the object");
	return 0;
}
