#include "tools/transform/redact.h"

#include <ctype.h>
#include <unictype.h>
#include <unistr.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
	return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'z');
}

static bool is_alpha(char c)
{
	return is_alnum(c) && !is_digit(c);
}

static char at(struct qf_str s, size_t i)
{
	return i < s.n ? s.p[i] : '\0';
}

/* ---- e-mail ---- */

static bool is_word(ucs4_t c)
{
	return uc_is_general_category(c, UC_LETTER) || uc_is_general_category(c, UC_MARK) ||
	       uc_is_general_category(c, UC_DECIMAL_DIGIT_NUMBER);
}

/* Where the part before the '@' begins. */
static size_t local_part(struct qf_str text, size_t end, size_t from)
{
	const uint8_t *start = (const uint8_t *)text.p, *p = start + end, *before;
	ucs4_t c;

	while (p > start + from) {
		before = u8_prev(&c, p, start);
		if (!before || before < start + from || (!is_word(c) && !(c < 0x80 && strchr("._%+'-&*!#", (int)c))))
			break;
		p = before;
	}
	while (p < start + end && (*p == '.' || *p == '\''))
		p++;
	return (size_t)(p - start);
}

/* Behind the last letter of a domain that begins here; 0: none. */
static size_t domain(struct qf_str text, size_t from)
{
	const uint8_t *start = (const uint8_t *)text.p, *p = start + from, *end = start + text.n;
	size_t label = 0, letters = 0, ret = 0, labels = 0;
	ucs4_t c;

	while (p < end) {
		int n = u8_mbtouc(&c, p, (size_t)(end - p));

		if (c == '.') {
			if (!label)
				break;
			labels++;
			label = letters = 0;
		} else if (c == '-' || is_word(c)) {
			label++;
			letters += c != '-' && !uc_is_general_category(c, UC_DECIMAL_DIGIT_NUMBER);
			if (labels && c != '-' && letters >= 2)
				ret = (size_t)(p - start) + (size_t)n;
		} else {
			break;
		}
		p += n;
	}
	return ret;
}

bool qf_find_email(struct qf_str text, size_t from, struct qf_str *ret)
{
	for (size_t i = from; i < text.n; i++) {
		size_t begin, end;

		if (text.p[i] != '@')
			continue;
		begin = local_part(text, i, from);
		end = begin < i ? domain(text, i + 1) : 0;
		if (end) {
			*ret = (struct qf_str){ text.p + begin, end - begin };
			return true;
		}
	}
	return false;
}

/* ---- phone ---- */

enum { MAX_GROUPS = 12 };

struct groups {
	size_t n;
	int digits[MAX_GROUPS];	 /* of each group */
	size_t end[MAX_GROUPS];	 /* behind it */
	char between[MAX_GROUPS]; /* the first character behind it */
};

/* Groups of digits with at most two of " .-/()" between them. */
static void read_groups(struct qf_str text, size_t i, struct groups *g)
{
	*g = (struct groups){ 0 };
	while (i < text.n && g->n < MAX_GROUPS) {
		size_t from = i, gap;

		while (is_digit(at(text, i)))
			i++;
		if (i == from)
			return;
		g->digits[g->n] = (int)(i - from);
		g->end[g->n] = i;
		g->between[g->n++] = at(text, i);
		for (gap = 0; gap < 3 && at(text, i) && strchr(" .-/()", at(text, i)); gap++)
			i++;
		if (gap == 0 || gap > 2)
			return;
	}
}

/* 31.12.2024, 31-12-24, 2024/12/31 */
static bool is_date(const struct groups *g, size_t n)
{
	bool year_first = g->digits[0] == 4 && g->digits[1] == 2 && g->digits[2] == 2;
	bool year_last = g->digits[0] <= 2 && g->digits[1] <= 2 && (g->digits[2] == 4 || g->digits[2] == 2);

	return n == 3 && g->between[0] == g->between[1] && (year_first || year_last);
}

/* How many of the groups are a phone number together; 0: none. zeros: how many it begins with. */
static size_t phone_groups(const struct groups *g, bool plus, bool bracket, int zeros)
{
	int extra = plus ? 0 : zeros >= 2 ? 2 : -1; /* digits before those of an international number */
	size_t best = 0;
	int digits = 0;

	for (size_t n = 1; n <= g->n; n++) {
		bool ok;

		digits += g->digits[n - 1];
		if (extra >= 0)
			ok = digits >= 8 + extra && digits <= 15 + extra;
		else if (n == 1)
			ok = zeros && digits >= 10 && digits <= 12;
		else
			ok = (zeros || bracket) && digits >= 7 && digits <= 15 && !is_date(g, n);
		if (n == 3 && g->digits[0] == 3 && g->digits[1] == 3 && g->digits[2] == 4)
			ok = true;
		if (n == 4 && g->digits[0] == 1 && g->digits[1] == 3 && g->digits[2] == 3 && g->digits[3] == 4)
			ok = true;
		if (ok)
			best = n;
	}
	return best;
}

bool qf_find_phone(struct qf_str text, size_t from, struct qf_str *ret)
{
	for (size_t i = from; i < text.n; i++) {
		bool plus = text.p[i] == '+', bracket = text.p[i] == '(';
		size_t first = i + (plus || bracket), n;
		char before = i ? text.p[i - 1] : ' ';
		struct groups g;
		int zeros = 0;

		if (!plus && !bracket && !is_digit(text.p[i]))
			continue;
		if (is_alnum(before) || before == '+' || (before == '.' && i > 1 && is_digit(text.p[i - 2])) ||
		    (before == ',' && i > 1 && is_digit(text.p[i - 2])))
			continue;
		if (plus && at(text, first) == '(')
			first++;
		else if (bracket && at(text, first) == '+')
			plus = true, first++;
		while (zeros < 2 && at(text, first + (size_t)zeros) == '0')
			zeros++;
		read_groups(text, first, &g);
		/* A letter behind makes it a part of something else. */
		while (g.n && is_alnum(at(text, g.end[g.n - 1])))
			g.n--;
		n = phone_groups(&g, plus, bracket, zeros);
		if (n) {
			*ret = (struct qf_str){ text.p + i, g.end[n - 1] - i };
			return true;
		}
	}
	return false;
}

/* ---- check digits ---- */

static bool luhn(const char *digits, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++) {
		int d = digits[n - 1 - i] - '0';

		d <<= i % 2;
		sum += d > 9 ? d - 9 : d;
	}
	return sum % 10 == 0;
}

/* The first four go last, letters are 10 to 35, and the number is 1 modulo 97. */
static bool mod97(const char *chars, size_t n)
{
	unsigned rest = 0;

	for (size_t i = 0; i < n; i++) {
		char c = chars[(i + 4) % n];

		rest = is_digit(c) ? 10 * rest + (unsigned)(c - '0') : 100 * rest + (unsigned)((c | 32) - 'a' + 10);
		rest %= 97;
	}
	return rest == 1;
}

/*
 * Digits (or, with letters, those too) from `from` on, single blanks or hyphens between them left out. The
 * longest beginning that ends at a group's end, has min..max of them and is right by its check.
 */
static size_t checked(struct qf_str text, size_t from, size_t min, size_t max, bool letters,
		      bool (*right)(const char *, size_t))
{
	char chars[35];
	size_t n = 0, best = 0;

	for (size_t i = from; i < text.n && n < max; i++) {
		char c = text.p[i], next = at(text, i + 1);

		if (letters ? is_alnum(c) : is_digit(c))
			chars[n++] = c;
		else if ((c != ' ' && c != '-') || !(letters ? is_alnum(next) : is_digit(next)))
			break;
		else
			continue;
		if (n >= min && !is_alnum(next) && right(chars, n))
			best = i + 1;
	}
	return best;
}

bool qf_find_card(struct qf_str text, size_t from, struct qf_str *ret)
{
	for (size_t i = from; i < text.n; i++) {
		size_t end;

		if (text.p[i] < '2' || text.p[i] > '6' || (i && is_alnum(text.p[i - 1])))
			continue;
		end = checked(text, i, 13, 19, false, luhn);
		if (end) {
			*ret = (struct qf_str){ text.p + i, end - i };
			return true;
		}
	}
	return false;
}

bool qf_find_iban(struct qf_str text, size_t from, struct qf_str *ret)
{
	for (size_t i = from; i + 15 <= text.n; i++) {
		size_t end;

		if (!is_alpha(text.p[i]) || !is_alpha(text.p[i + 1]) || !is_digit(text.p[i + 2]) ||
		    !is_digit(text.p[i + 3]) || (i && is_alnum(text.p[i - 1])))
			continue;
		end = checked(text, i, 15, 34, true, mod97);
		if (end) {
			*ret = (struct qf_str){ text.p + i, end - i };
			return true;
		}
	}
	return false;
}
