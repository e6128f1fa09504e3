/* documents: of the rules: words that are replaced in named files. */
#include <strings.h>

#include "tools/align/rules/sections.h"

const struct qf_rules_keys qf_rules_document_keys = { "a document rule", { "paths", "replace" } };

static bool is_word_byte(char c)
{
	return qf_rules_is_identifier(&c, 1) || (c >= '0' && c <= '9');
}

/* Does the word stand in text as a whole word, in any case? Then a second run would find it again. */
static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = text; (p = strcasestr(p, word)); p++)
		if ((p == text || !is_word_byte(p[-1]) || !is_word_byte(*word)) &&
		    (!is_word_byte(p[n]) || !is_word_byte(word[n - 1])))
			return true;
	return false;
}

static int check_words(const struct qf_rules *r, const struct qf_node *node, const struct qf_document *d,
		       struct qf_err *err)
{
	for (size_t i = 0; i < d->n; i++) {
		const struct qf_node *at = qf_rules_nth(node, i);
		const struct qf_rename *word = &d->words[i];
		size_t n = strlen(word->from);

		if (!n || !is_word_byte(word->from[0]) || !is_word_byte(word->from[n - 1]))
			return qf_node_error(&r->conf, at, err, "'%s' is no word: it must begin and end with a letter or digit",
					     word->from);
		for (size_t k = 0; k < d->n; k++) {
			if (k < i && !strcasecmp(d->words[k].from, word->from))
				return qf_node_error(&r->conf, at, err, "'%s' stands here twice; one word does all its cases",
						     word->from);
			if (has_word(word->to, d->words[k].from))
				return qf_node_error(&r->conf, at, err, "'%s' holds the word '%s', which would be replaced again",
						     word->to, d->words[k].from);
		}
	}
	return 0;
}

static int add_document(struct qf_rules *r, const struct qf_node *node, struct qf_err *err)
{
	struct qf_document *d = &r->documents[r->n_documents++];
	const char *keys[] = { "paths", "replace" };

	d->line = node->line;
	if (qf_rules_check_keys(r, node, &qf_rules_document_keys, err) < 0)
		return -1;
	for (size_t i = 0; i < QF_LEN(keys); i++)
		if (!qf_node_get(node, keys[i]))
			return qf_node_error(&r->conf, node, err, "a document rule needs '%s'", keys[i]);
	if (qf_rules_globs(r, qf_node_get(node, "paths"), &d->paths, err) < 0 ||
	    qf_rules_pairs(r, qf_node_get(node, "replace"), &d->words, &d->n, err) < 0)
		return -1;
	return check_words(r, qf_node_get(node, "replace"), d, err);
}

int qf_rules_documents(struct qf_rules *r, struct qf_err *err)
{
	const struct qf_node *c;
	size_t n;

	if (qf_rules_list(r, qf_node_get(r->conf.root, "documents"), &c, &n, err) < 0)
		return -1;
	r->documents = qf_arena_zalloc(&r->arena, (n + 1) * sizeof(*r->documents));
	for (; c; c = c->next)
		if (add_document(r, c, err) < 0)
			return -1;
	return 0;
}
