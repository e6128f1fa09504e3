/* hash: [email]: digests in the place of values, with a secret key if they are to be pseudonyms. */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include "tools/transform/values.h"

static const char usage[] = "hash: [email, phone], or hash: {paths: [email], by: sha256, key-from: HASH_KEY}";

enum by { SHA256, MD5, XXH3, XXH128 };

struct settings {
	struct qf_opt_list paths;
	const char *key_from;
	int by;
};

struct state {
	struct settings set;
	struct qf_paths paths;
	struct qf_str key; /* p == NULL: none */
	struct qf_arena arena;
};

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "paths", .type = QF_OPT_LIST, .offset = offsetof(struct settings, paths), .arg = "PATH", .data = true,
	  .help = "properties to hash" },
	{ .name = "by", .type = QF_OPT_CHOICE, .offset = offsetof(struct settings, by), .choices = "sha256|md5|xxh3|xxh128",
	  .def = "sha256", .arg = "WHICH", .data = true, .help = "the hash function" },
	{ .name = "key-from", .type = QF_OPT_TEXT, .offset = offsetof(struct settings, key_from), .arg = "NAME", .data = true,
	  .help = "environment variable with a secret for HMAC; or NAME_FILE with the file that holds it" },
};
/* clang-format on */

static int step_open(void *state, const struct qf_conf *conf, const struct qf_node *value,
		     struct qf_err *err)
{
	struct state *s = state;
	const char *key;

	if (qf_step_opt_paths(conf, value, usage, &s->paths, &s->arena, err) < 0)
		return -1;
	if (!s->set.key_from)
		return 0;
	if (s->set.by == XXH3 || s->set.by == XXH128)
		return qf_node_error(conf, value, err, "xxh3 and xxh128 keep no secrets, so a key is of no use; take sha256");
	if (qf_secret_get(s->set.key_from, &s->arena, &key, err) < 0)
		return -1;
	if (!key)
		return qf_node_error(conf, value, err, "key-from: set the variable %s, or %s_FILE to a file that holds the key",
				     s->set.key_from, s->set.key_from);
	s->key = qf_str(key);
	return 0;
}

static struct qf_str hex(const uint8_t *p, size_t n, struct qf_arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	char *out = qf_arena_alloc(arena, 2 * n);

	for (size_t i = 0; i < n; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	return (struct qf_str){ out, 2 * n };
}

static struct qf_str digest(const struct state *s, struct qf_str text, struct qf_arena *arena)
{
	const EVP_MD *type = s->set.by == MD5 ? EVP_md5() : EVP_sha256();
	uint8_t out[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	XXH128_canonical_t canonical;

	switch ((enum by)s->set.by) {
	case SHA256:
	case MD5:
		/* A policy of the machine may forbid MD5. */
		if (s->key.p ? !HMAC(type, s->key.p, (int)s->key.n, (const uint8_t *)text.p, text.n, out, &n) :
			       !EVP_Digest(text.p, text.n, out, &n, type, NULL))
			return (struct qf_str){ 0 };
		return hex(out, n, arena);
	case XXH3:
		return qf_arena_printf(arena, "%016llx", (unsigned long long)XXH3_64bits(text.p, text.n));
	case XXH128:
		XXH128_canonicalFromHash(&canonical, XXH3_128bits(text.p, text.n));
		return hex(canonical.digest, sizeof(canonical.digest), arena);
	}
	return text;
}

static int hash(void *context, struct qf_val *v, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str text;

	if (v->type == QF_JSON_OBJECT)
		return qf_err_set(err, QF_E_DATA, "an object cannot be hashed; name the properties in it");
	text = digest(context, qf_val_as_text(v, arena), arena);
	if (!text.p)
		return qf_err_set(err, QF_E_CONFIG, "OpenSSL on this machine does not make this digest; take another with 'by'");
	qf_val_assign(v, qf_val_new_string(arena, text));
	return 0;
}

static int step_point(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;
	/* What a reader would not see of duplicate keys is in the stream all the same. */
	struct qf_each each = { .fn = hash, .context = s, .duplicates = true };

	return qf_each_value_of(&each, &s->paths, rec, arena, err) < 0 ? -1 : QF_STEP_KEEP;
}

static int step_schema(void *state, struct qf_record *rec, struct qf_arena *arena, struct qf_err *err)
{
	struct state *s = state;

	(void)err;
	for (size_t i = 0; i < s->paths.n; i++)
		qf_path_retype(&s->paths.path[i], rec, "keyword", arena);
	return QF_STEP_KEEP;
}

static void step_close(void *state)
{
	qf_arena_release(&((struct state *)state)->arena);
}

static const struct qf_step_example examples[] = {
	{ "SHA-256", "hash: email", "{\"email\":\"a@example.org\"}",
	  "{\"email\":\"e16bfe08be114c7b3737aa01ce504ebcb5d13fc44897c38c6cac63ddc7151463\"}" },
	{ "Short ones, of each element", "hash: {paths: [tags], by: xxh3}", "{\"tags\":[\"a\",null]}", "{\"tags\":[\"e6c632b61e964e1f\",null]}" },
};

const struct qf_step qf_step_hash = {
	.name = "hash",
	.help = "digests in the place of values",
	.usage = usage,
	.group = "values",
	.doc = "The digest in lower-case hex takes the value's place. What is hashed is the text of a string, the digits of a number as written, true or false. "
	       "Arrays are gone through, duplicate keys too; null and what is not there stays; an object is an error. A digest of what can be guessed, such as an e-mail address, hides "
	       "nothing: with `key-from` it is an HMAC with a secret from the environment or a file, which the mapping does not "
	       "hold. xxh3 (64 bits) and xxh128 are for short keys, not for secrets. A declared index becomes one of keyword.",
	.forms = QF_STEP_OPTS,
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.short_opt = "paths",
	.examples = examples,
	.n_examples = QF_LEN(examples),
	.state_size = sizeof(struct state),
	.effect = QF_STEP_ONE_TO_ONE,
	.pure = true,
	.open = step_open,
	.point = step_point,
	.collection = step_schema,
	.close = step_close,
};
