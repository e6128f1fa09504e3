/* Numbers of payloads as decimals of any size: nothing here goes through a double by itself. */
#include "common/data/number.h"

#include "tools/transform/payload.h"

/* digits without sign, point and leading zeros: the first one counts 10^exp; n == 0 is zero. */
struct decimal {
	bool negative;
	const char *p, *end; /* may hold a point, and zeros at the end */
	int64_t exp;
};

enum { EXP_LIMIT = 1 << 30 }; /* what lies beyond is as good as infinite */

static int64_t read_exponent(const char *p, const char *end)
{
	bool minus = p < end && *p == '-';
	int64_t e = 0;

	p += p < end && (*p == '-' || *p == '+');
	for (; p < end; p++)
		if (e < EXP_LIMIT)
			e = 10 * e + (*p - '0');
	return minus ? -e : e;
}

static struct decimal read_decimal(struct qf_str text)
{
	const char *p = text.p, *end = text.p + text.n, *e, *point;
	struct decimal d = { 0 };

	d.negative = p < end && *p == '-';
	p += d.negative;
	for (e = p; e < end && *e != 'e' && *e != 'E';)
		e++;
	d.exp = e < end ? read_exponent(e + 1, end) : 0;
	end = e;
	point = memchr(p, '.', (size_t)(end - p));
	d.exp += (point ? point : end) - p - 1;
	for (; p < end && (*p == '0' || *p == '.'); p++)
		d.exp -= *p == '0';
	while (end > p && point && (end[-1] == '0' || end[-1] == '.') && end > point)
		end--;
	d.p = p;
	d.end = end;
	if (p == end)
		d = (struct decimal){ .p = p, .end = p };
	return d;
}

/* The next digit, 0 behind the last; *more is cleared there. */
static int digit(struct decimal *d, bool *more)
{
	if (d->p < d->end && *d->p == '.')
		d->p++;
	*more = d->p < d->end;
	return *more ? *d->p++ - '0' : 0;
}

static int compare(struct decimal a, struct decimal b)
{
	bool zero_a = a.p == a.end, zero_b = b.p == b.end, more_a, more_b;
	int sign = 1;

	if (zero_a || zero_b)
		return zero_a && zero_b ? 0 : zero_a ? (b.negative ? 1 : -1) : (a.negative ? -1 : 1);
	if (a.negative != b.negative)
		return a.negative ? -1 : 1;
	if (a.negative)
		sign = -1;
	if (a.exp != b.exp)
		return a.exp < b.exp ? -sign : sign;
	do {
		int x = digit(&a, &more_a), y = digit(&b, &more_b);

		if (x != y)
			return x < y ? -sign : sign;
	} while (more_a || more_b);
	return 0;
}

int qf_val_order(struct qf_val *a, struct qf_val *b, struct qf_arena *arena, int *ret)
{
	if (a->type != b->type)
		return -1;
	switch (a->type) {
	case QF_JSON_NUMBER:
		*ret = compare(read_decimal(a->text), read_decimal(b->text));
		return 0;
	case QF_JSON_STRING:
		*ret = qf_str_cmp(qf_val_text(a, arena), qf_val_text(b, arena));
		return 0;
	case QF_JSON_BOOL:
		*ret = (int)a->boolean - (int)b->boolean;
		return 0;
	default:
		return -1;
	}
}

/* The magnitude, if it is whole and fits. */
static int magnitude(struct qf_val *v, bool *negative, uint64_t *ret)
{
	struct decimal d;
	bool more = true;
	uint64_t n = 0;

	if (v->type != QF_JSON_NUMBER)
		return -1;
	d = read_decimal(v->text);
	*negative = d.negative;
	*ret = 0;
	if (d.p == d.end)
		return 0;
	if (d.exp < 0 || d.exp > 19)
		return -1;
	for (int64_t i = 0; i <= d.exp; i++)
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)digit(&d, &more), &n))
			return -1;
	while (more)
		if (digit(&d, &more))
			return -1;
	*ret = n;
	return 0;
}

int qf_val_uint(struct qf_val *v, uint64_t *ret)
{
	bool negative;
	uint64_t n;

	if (magnitude(v, &negative, &n) < 0 || (negative && n))
		return -1;
	*ret = n;
	return 0;
}

int qf_val_int(struct qf_val *v, int64_t *ret)
{
	bool negative;
	uint64_t n;

	if (magnitude(v, &negative, &n) < 0 || n > (uint64_t)INT64_MAX + negative)
		return -1;
	*ret = negative ? (int64_t)(0 - n) : (int64_t)n;
	return 0;
}

int qf_val_double(struct qf_val *v, double *ret)
{
	return v->type == QF_JSON_NUMBER ? qf_f64_parse(v->text, ret) : -1;
}

bool qf_val_is_integer(struct qf_val *v)
{
	return v->type == QF_JSON_NUMBER && !memchr(v->text.p, '.', v->text.n) &&
	       !memchr(v->text.p, 'e', v->text.n) && !memchr(v->text.p, 'E', v->text.n);
}
