/* Words and what they look like: names of environment variables, secrets, hosts, images. */
#include <ctype.h>

#include "tools/align/scan/category_parts.h"

enum { NEAR = 512 };

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* What of a text is looked at around a place: lines of generated files are megabytes long. */
static struct qf_str near(struct qf_str text, size_t at, size_t n)
{
	size_t from = at > NEAR ? at - NEAR : 0, to = text.n - at - n > NEAR ? at + n + NEAR : text.n;

	return (struct qf_str){ text.p + from, to - from };
}

struct qf_str qf_word_around(struct qf_str text, size_t at, size_t n)
{
	struct qf_str all = near(text, at, n);
	const char *p = text.p + at, *end = p + n;

	while (p > all.p && is_word(p[-1]))
		p--;
	while (end < all.p + all.n && is_word(*end))
		end++;
	return (struct qf_str){ p, (size_t)(end - p) };
}

bool qf_word_is_env(struct qf_str word)
{
	bool joined = false;

	for (size_t i = 0; i < word.n; i++) {
		if (!isupper((unsigned char)word.p[i]) && !isdigit((unsigned char)word.p[i]) && word.p[i] != '_')
			return false;
		joined |= word.p[i] == '_' && i > 0 && i + 1 < word.n;
	}
	return joined;
}

struct qf_str qf_line_around(struct qf_str content, size_t at)
{
	const char *end = memchr(content.p + at, '\n', content.n - at);
	const char *begin = at ? memrchr(content.p, '\n', at) : NULL;

	begin = begin ? begin + 1 : content.p;
	return (struct qf_str){ begin, (size_t)((end ? end : content.p + content.n) - begin) };
}

struct qf_str qf_line_near(struct qf_str content, size_t at)
{
	struct qf_str all = near(content, at, 0);

	return qf_line_around(all, (size_t)(content.p + at - all.p));
}

struct qf_str qf_trim(struct qf_str s)
{
	while (s.n && isspace((unsigned char)*s.p)) {
		s.p++;
		s.n--;
	}
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

bool qf_is_listed(struct qf_str word, const char *list)
{
	while (*list) {
		size_t n = strcspn(list, " ");

		if (n == word.n && !strncasecmp(list, word.p, n))
			return true;
		list += n + strspn(list + n, " ");
	}
	return false;
}

bool qf_holds(struct qf_str text, const char *needle)
{
	return text.n && memmem(text.p, text.n, needle, strlen(needle)) != NULL;
}

/* Does the text in front of `at` end with the words? */
static bool follows(struct qf_str text, size_t at, const char *words)
{
	size_t n = strlen(words);

	return at >= n && !memcmp(text.p + at - n, words, n);
}

static bool is_secret(struct qf_str text, struct qf_str word)
{
	static const char *const before[] = { "secrets.", "secrets['", "secrets[\"", "secret set ", "credentials('",
					      "credentials(\"" };
	size_t at = (size_t)(word.p - text.p);

	for (size_t i = 0; i < QF_LEN(before); i++)
		if (follows(text, at, before[i]))
			return true;
	return false;
}

/* ---- hosts ---- */

/* Bytes that end a URL, a host or the name of an image in a text. */
static bool ends_chunk(char c)
{
	return isspace((unsigned char)c) || (unsigned char)c < ' ' || strchr("\"'`<>()[]{},;|\\=", c);
}

static struct qf_str chunk_around(struct qf_str text, size_t at, size_t n)
{
	struct qf_str all = near(text, at, n);
	const char *p = text.p + at, *end = p + n;

	while (p > all.p && !ends_chunk(p[-1]))
		p--;
	while (end < all.p + all.n && !ends_chunk(*end))
		end++;
	return (struct qf_str){ p, (size_t)(end - p) };
}

/* A port or the tag of an image behind a colon: "8080", "8080/v1", "1.24.1", "latest", "v2". */
static bool is_port_or_tag(const char *p, const char *end)
{
	struct qf_str tag = { p, 0 };

	while (p + tag.n < end && (is_word(p[tag.n]) || p[tag.n] == '.' || p[tag.n] == '-'))
		tag.n++;
	if (!tag.n || (p + tag.n < end && p[tag.n] != '/' && p[tag.n] != '@'))
		return false;
	return isdigit((unsigned char)*p) || (tag.n > 1 && *p == 'v' && isdigit((unsigned char)p[1])) ||
	       qf_is_listed(tag, "latest stable main nightly");
}

/* "a.b.com", ".b.com": labels, of which the last is one that hosts end with and Python modules do not. */
static bool is_host_name(const char *p, const char *end)
{
	const char *dot = memrchr(p, '.', (size_t)(end - p));

	if (!dot || dot + 1 == end)
		return false;
	for (const char *at = p; at < end; at++)
		if (!is_word(*at) && *at != '.' && *at != '-' && *at != '*')
			return false;
	return qf_is_listed((struct qf_str){ dot + 1, (size_t)(end - dot - 1) },
			    "com net org io cloud network local internal svc");
}

static bool is_host(struct qf_str chunk, const char *hit)
{
	const char *end = chunk.p + chunk.n, *at = memrchr(chunk.p, '@', (size_t)(hit - chunk.p));
	const char *host = at ? at + 1 : chunk.p, *host_end = host, *name, *colon;

	if (qf_holds(chunk, "://"))
		return true;
	while (host_end < end && !strchr("/:?#@", *host_end))
		host_end++;
	/* A sentence may end behind it. */
	while (host_end > host && host_end == end && host_end[-1] == '.')
		host_end = --end;
	if (hit < host_end && is_host_name(host, host_end))
		return true;
	if (hit < host_end && host_end < end && *host_end == ':' && is_port_or_tag(host_end + 1, end))
		return true;
	name = memrchr(chunk.p, '/', (size_t)(end - chunk.p));
	if (!name)
		return false;
	colon = memchr(name, ':', (size_t)(end - name));
	return colon && !memchr(name, '.', (size_t)(colon - name)) && is_port_or_tag(colon + 1, end);
}

/* ---- both ---- */

enum qf_category qf_word_category(struct qf_str text, size_t at, size_t n, enum qf_category otherwise)
{
	struct qf_str word = qf_word_around(text, at, n);

	if (is_secret(text, word))
		return QF_CAT_SECRET;
	if (is_host(chunk_around(text, at, n), text.p + at))
		return QF_CAT_HOST;
	if (qf_word_is_env(word))
		return QF_CAT_ENV;
	return otherwise;
}

bool qf_word_is_installed(struct qf_str text, size_t at)
{
	static const char *const commands[] = {
		"pip install ", "pip3 install ", "uv add ",	    "poetry add ",  "npm install ",	"npm i ",
		"yarn add ",	"pnpm add ",	 "conda install ",  "apt install ", "apt-get install ", "brew install ",
		"go get ",	"cargo add ",	 "pipx install ",   "gem install ", "uv sync ",
	};
	struct qf_str line = qf_line_near(text, at);

	line.n = (size_t)(text.p + at - line.p);
	for (size_t i = 0; i < QF_LEN(commands); i++) {
		const char *found = memmem(line.p, line.n, commands[i], strlen(commands[i]));
		size_t rest = found ? (size_t)(line.p + line.n - found) : 0;

		if (found && !memchr(found, ';', rest) && !memchr(found, '&', rest) && !memchr(found, '|', rest))
			return true;
	}
	return false;
}
