/*
 * chunk: {property: text, size: 800, overlap: 100}: one point for each piece of a text. The ids are a
 * pure function of the parent's id and the piece's number, so that running twice never duplicates.
 */
#include "common/base/log.h"
#include "tools/transform/embed.h"
#include "tools/transform/payload.h"
#include "tools/transform/pieces.h"
#include "tools/transform/props.h"
#include "tools/transform/steps.h"

static const char usage[] = "chunk: {property: text, by: characters, size: 800, overlap: 100, keep: [title]}";

enum { MAX_SIZE = 1000000 };

struct state {
	/* The settings. */
	const char *property, *into;
	int by, empty;			/* enum qf_pieces_by; 0 keep, 1 drop */
	unsigned long long size, overlap;
	struct qf_opt_list keep;
	/* What is made of them. */
	struct qf_path from, to;
	bool replaces, whole;		/* the piece stands where the text stood; the text is kept beside it */
	struct qf_props kept;		/* used where keep.n */
	const char **filled;		/* vectors that a step embed behind this one fills */
	size_t n_filled, cap_filled;
	uint64_t dropped;
	struct qf_arena arena;
	struct qf_buf text;		/* scratch */
};

#define AT(field) offsetof(struct state, field)

static const struct qf_opt opts[] = {
	{ .name = "property", .type = QF_OPT_TEXT, .offset = AT(property), .arg = "PATH", .data = true,
	  .help = "the text" },
	{ .name = "by", .type = QF_OPT_CHOICE, .offset = AT(by), .choices = "characters|sentences|tokens",
	  .def = "characters", .data = true, .help = "what size and overlap count" },
	{ .name = "size", .type = QF_OPT_UINT, .offset = AT(size), .arg = "N", .min = 1, .max = MAX_SIZE, .data = true,
	  .help = "of a piece at most; else 800 characters, 8 sentences or 256 tokens" },
	{ .name = "overlap", .type = QF_OPT_UINT, .offset = AT(overlap), .arg = "N", .max = MAX_SIZE, .data = true,
	  .help = "of two neighbours at most; else an eighth of size" },
	{ .name = "keep", .type = QF_OPT_LIST, .offset = AT(keep), .arg = "PATH", .data = true,
	  .help = "the parent's properties that every piece gets; else all but the text" },
	{ .name = "into", .type = QF_OPT_TEXT, .offset = AT(into), .arg = "PATH", .data = true,
	  .help = "where the piece goes; else where the text stood" },
	{ .name = "empty", .type = QF_OPT_CHOICE, .offset = AT(empty), .choices = "keep|drop", .def = "keep",
	  .data = true, .help = "a point without text: one piece without text, or none" },
};

/* ---- settings ---- */

static int check_sizes(struct state *s, const struct qf_conf *conf, const struct qf_node *value,
		       struct qf_err *err)
{
	static const unsigned long long usual[] = { 800, 8, 256 };
	const struct qf_node *overlap = qf_node_get(value, "overlap");

	if (!s->size)
		s->size = usual[s->by];
	if (!overlap)
		s->overlap = s->size / 8;
	else if (s->overlap >= s->size)
		return qf_node_error(conf, overlap, err, "overlap must be less than size, which is %llu", s->size);
	return 0;
}

static int check_keep(struct state *s, const struct qf_conf *conf, const struct qf_node *value,
		      struct qf_err *err)
{
	const struct qf_node *at = qf_node_get(value, "keep");
	struct qf_path path;
	bool named = false; /* the piece's own place is */

	s->kept.mode = QF_PROPS_KEEP;
	for (size_t i = 0; i < s->keep.n; i++) {
		if (qf_props_add(&s->kept, conf, at, s->keep.items[i], NULL, err) < 0 ||
		    qf_path_compile(&path, conf, at, s->keep.items[i], false, &s->arena, err) < 0)
			return -1;
		s->whole |= !s->replaces && qf_path_covers(&path, &s->from);
		named |= qf_path_covers(&path, &s->to);
	}
	if (s->keep.n && !named && qf_props_add(&s->kept, conf, value, s->into, NULL, err) < 0)
		return -1;
	qf_props_always(&s->kept, QF_STR("_tenant"));
	qf_props_always(&s->kept, QF_STR("_id"));
	return 0;
}

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	const struct qf_node *map = value->kind == QF_NODE_MAP ? value : NULL;
	const struct qf_node *at = map ? qf_node_get(map, "property") : value;
	struct state *s = state;

	if (!s->property || !*s->property)
		return qf_node_error(conf, value, err, "the property that holds the text is missing: %s", usage);
	if (!s->into)
		s->into = s->property;
	if (qf_path_compile(&s->from, conf, at, s->property, false, &s->arena, err) < 0 ||
	    qf_path_compile(&s->to, conf, map && qf_node_get(map, "into") ? qf_node_get(map, "into") : at, s->into,
			    false, &s->arena, err) < 0)
		return -1;
	s->replaces = qf_path_covers(&s->from, &s->to) && qf_path_covers(&s->to, &s->from);
	return check_sizes(s, conf, map, err) < 0 ? -1 : check_keep(s, conf, value, err);
}

static void step_followed(void *state, const struct qf_step *later, const void *later_state)
{
	struct state *s = state;

	if (strcmp(later->name, "embed") != 0)
		return;
	QF_GROW(s->filled, s->n_filled, s->cap_filled);
	s->filled[s->n_filled++] = qf_embed_step_vector(later_state);
}

/* ---- the schema ---- */

/* The parent's vectors are those of the whole text; what embed fills keeps its other settings. */
static void drop_vectors(struct state *s, struct qf_json *doc)
{
	struct qf_json *vectors = qf_json_get(doc, "vectors"), *sparse = qf_json_get(doc, "sparse");

	for (struct qf_json *v = vectors ? vectors->child : NULL, *next; v; v = next) {
		bool filled = false;

		next = v->next;
		for (size_t i = 0; i < s->n_filled; i++)
			filled |= qf_str_is(v->key, s->filled[i]);
		if (filled)
			qf_json_remove(v, "size");
		else
			qf_json_remove(vectors, v->key.p);
	}
	while (sparse && sparse->child)
		qf_json_remove(sparse, sparse->child->key.p);
}

static int change_schema(struct state *s, struct qf_record *rec, struct qf_arena *arena,
			 struct qf_err *err)
{
	static const char *const ours[][2] = { { "_parent", "keyword" }, { "_chunk", "integer" } };
	struct qf_json *payload;
	bool changed;

	if (!s->replaces) {
		if (qf_path_declared(&s->from, rec->doc))
			qf_path_declare_copy(&s->from, &s->to, rec, arena);
		if (!s->whole)
			qf_path_undeclare(&s->from, rec, arena);
	}
	qf_props_learn_tenant(&s->kept, rec->doc);
	payload = qf_json_get(rec->doc, "payload");
	if (s->keep.n && payload && qf_props_edit_schema(&s->kept, payload, arena, &changed, err) < 0)
		return -1;
	for (size_t i = 0; i < QF_LEN(ours); i++) {
		struct qf_path path;
		const char *why;

		if (qf_path_parse(&path, qf_str(ours[i][0]), false, arena, &why) < 0)
			return qf_err_set(err, QF_E_BUG, "%s: %s", ours[i][0], why);
		qf_path_declare(&path, rec, ours[i][1], true, arena);
	}
	drop_vectors(s, rec->doc);
	/* Of the parents; how many pieces there will be, nobody knows. */
	qf_json_remove(rec->doc, "count");
	rec->line.p = NULL;
	return 0;
}

/* ---- points ---- */

/* The text; p == NULL where there is none. */
static int find_text(struct state *s, struct qf_val *root, struct qf_arena *arena, struct qf_val **place,
		     struct qf_str *text, struct qf_err *err)
{
	static const char *const ours[] = { "_parent", "_chunk" };
	struct qf_val **found;
	size_t n = qf_path_all(&s->from, root, arena, &found);

	*place = n ? found[0] : NULL;
	*text = (struct qf_str){ 0 };
	for (size_t i = 0; i < QF_LEN(ours); i++)
		if (qf_val_get(root, qf_str(ours[i]), arena))
			return qf_err_set(err, QF_E_DATA, "it has '%s' already, which this step sets; rename it first, or was "
					  "it chunked before?", ours[i]);
	if (n > 1)
		return qf_err_set(err, QF_E_DATA, "'%s' stands at %zu places, and one text is expected", s->property, n);
	if (!n || found[0]->type == QF_JSON_NULL)
		return 0;
	if (found[0]->type != QF_JSON_STRING)
		return qf_err_set(err, QF_E_DATA, "'%s' is of type %s, and a text is expected: %s", s->property,
				  qf_val_type_name(found[0]), qf_val_show(found[0], arena));
	*text = qf_val_text(found[0], arena);
	return 0;
}

/* One more point; text NULL: as the parent has it. */
static int add_piece(struct state *s, struct qf_expand *x, const struct qf_record *base, struct qf_str parent,
		     size_t number, const struct qf_str *text, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_record *rec = qf_expand_add(x, base);
	struct qf_val *root;

	if (qf_payload_get(rec, arena, &root, err) < 0 ||
	    (text && qf_path_set(&s->to, root, qf_val_new_string(arena, *text), arena, err) < 0))
		return -1;
	qf_val_set(root, QF_STR("_parent"), qf_val_new_string(arena, parent), arena);
	qf_val_set(root, QF_STR("_chunk"), qf_val_new_int(arena, (int64_t)number), arena);
	qf_buf_reset(&s->text);
	qf_buf_add_str(&s->text, parent);
	qf_buf_printf(&s->text, "|%zu", number);
	rec->id = (struct qf_id){ .kind = QF_ID_UUID };
	qf_uuid_url(qf_buf_str(&s->text), rec->id.uuid);
	rec->line.p = NULL;
	return 0;
}

/* What all pieces have in common, as text: a long one is not to be carried through each of them. */
static int make_base(struct state *s, struct qf_record *rec, struct qf_val *place, struct qf_arena *arena,
		     struct qf_err *err)
{
	if (place && s->replaces)
		qf_val_assign(place, qf_val_new_string(arena, QF_STR("")));
	else if (place && !s->whole)
		qf_val_remove(place);
	if (qf_payload_flush(rec, arena, err) < 0)
		return -1;
	return s->keep.n && rec->payload.p ? qf_props_edit(&s->kept, rec->payload, arena, &rec->payload, err) : 0;
}

static int chunk_point(struct state *s, struct qf_expand *x, const struct qf_record *parent,
		       struct qf_arena *arena, struct qf_err *err)
{
	struct qf_record base = *parent;
	struct qf_val *root, *place;
	struct qf_piece *piece;
	struct qf_str text, id;
	size_t n;

	if (qf_payload_get(&base, arena, &root, err) < 0 || find_text(s, root, arena, &place, &text, err) < 0)
		return -1;
	qf_buf_reset(&s->text);
	qf_id_text(&s->text, &base.id);
	id = qf_arena_dup(arena, s->text.p, s->text.n);
	base.vector = (struct qf_str){ 0 };
	base.vecs = NULL;
	base.n_vecs = 0;
	n = qf_pieces(text, (enum qf_pieces_by)s->by, s->size, s->overlap, arena, &piece);
	if (!n && s->empty) {
		s->dropped++;
		return 0;
	}
	if (make_base(s, &base, n ? place : NULL, arena, err) < 0)
		return -1;
	if (!n)
		return add_piece(s, x, &base, id, 0, NULL, arena, err);
	for (size_t i = 0; i < n; i++) {
		struct qf_str part = { text.p + piece[i].from, piece[i].to - piece[i].from };

		if (add_piece(s, x, &base, id, i, &part, arena, err) < 0)
			return -1;
	}
	return 0;
}

static int step_apply(void *state, struct qf_batch *io, struct qf_err *err)
{
	struct qf_expand x = { 0 };
	struct state *s = state;
	int rc = 0;

	for (size_t i = 0; i < io->n && rc == 0; i++) {
		struct qf_record *rec = &io->rec[i];
		size_t had = x.out.n;

		if (rec->type == QF_REC_COLLECTION && change_schema(s, rec, &io->arena, err) < 0)
			rc = qf_step_error(rec, &io->arena, err);
		if (rec->type != QF_REC_POINT) {
			qf_expand_add(&x, rec);
		} else if (chunk_point(s, &x, rec, &io->arena, err) < 0) {
			/* Some of its pieces may be in the list; it is refused as a whole. */
			x.out.n = had;
			rc = err->code == QF_E_DATA ? 0 : -1;
			qf_step_reject(qf_expand_add(&x, rec), &io->arena, err);
		}
	}
	qf_expand_finish(&x, io);
	return rc;
}

static void step_close(void *state)
{
	struct state *s = state;

	if (s->dropped)
		qf_info("step chunk: %llu point%s without '%s' left out", (unsigned long long)s->dropped,
			s->dropped == 1 ? "" : "s", s->property);
	qf_props_release(&s->kept);
	qf_buf_release(&s->text);
	qf_arena_release(&s->arena);
	free(s->filled);
}

static const struct qf_step_example examples[] = {
	{ "Two pieces of at most 20 characters, cut between words; the second begins with what the first ends with",
	  "chunk: {property: text, size: 20, overlap: 6}", "{\"title\":\"A\",\"text\":\"The quick brown fox jumps.\"}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"9df1d8d8-bf2c-5d6a-92cb-3a51df0cd9bb\","
	  "\"payload\":{\"title\":\"A\",\"text\":\"The quick brown fox\",\"_parent\":\"1\",\"_chunk\":0}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"2d2c7946-38b5-5bb7-b422-ec67ae36d192\","
	  "\"payload\":{\"title\":\"A\",\"text\":\"fox jumps.\",\"_parent\":\"1\",\"_chunk\":1}}" },
	{ "Sentences into another property; of the parent only the title", "chunk: {property: text, by: sentences, "
	  "size: 1, overlap: 0, into: part, keep: [title]}", "{\"title\":\"A\",\"text\":\"One. Two.\",\"year\":1999}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"9df1d8d8-bf2c-5d6a-92cb-3a51df0cd9bb\","
	  "\"payload\":{\"title\":\"A\",\"part\":\"One.\",\"_parent\":\"1\",\"_chunk\":0}}\n"
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"2d2c7946-38b5-5bb7-b422-ec67ae36d192\","
	  "\"payload\":{\"title\":\"A\",\"part\":\"Two.\",\"_parent\":\"1\",\"_chunk\":1}}" },
	{ "What is no text is an error", "chunk: text", "{\"text\":[\"One.\",\"Two.\"]}",
	  "error: step 1 (chunk): collection 'A', id 1, line 1: 'text' is of type array, and a text is expected: [\"One.\",\"Two.\"]" },
};

const struct qf_step qf_step_chunk = {
	.name = "chunk",
	.help = "cut a text into points of their own",
	.usage = usage,
	.group = "chunks",
	.doc = "Each piece becomes a point with the parent's other properties (or those that `keep` names, and "
	       "`_tenant` and `_id`), the parent's id as text in `_parent` and its number from 0 in `_chunk`. Its id is "
	       "the UUIDv5 (URL namespace) of `<parent's id>|<number>`. Cuts lie between words; only a word longer than "
	       "`size` is cut inside, never inside a character. Blanks around a piece go. A sentence ends behind . ! ? "
	       "or an ellipsis, where a blank and no small letter follow (and not behind an initial), behind an "
	       "ideographic full stop, and at a line end. Tokens are approximated: one for each four characters of a word "
	       "begun, one for each ideograph or kana; real tokenizers differ by about a third either way. A text that "
	       "is absent, null or blank gives one point as it is (`empty: keep`) or none (`empty: drop`). Another type "
	       "is an error, and so is a point that has `_parent` or `_chunk`. The parent's vectors are those of the "
	       "whole text, so they go, from the points and from the schema; a vector that a step `embed` further down "
	       "fills stays declared. `_parent` is declared as keyword, `_chunk` as integer. Put `id` before this step, "
	       "so that `_parent` is what a delete of the parent names.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "property",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_MANY,
	.pure = true,
	.passes = "a delete keeps the parent's id, and load takes the pieces with that `_parent` away too; cursors and "
		  "scopes are unchanged",
	.open = step_open,
	.followed = step_followed,
	.apply = step_apply,
	.close = step_close,
};
