/* Base64: every float comes back bit by bit, and nothing foreign is taken. */
#include <stdint.h>

#include "common/data/base64.h"
#include "tests/unit/unit.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 section 10. */
START_TEST(known_answers)
{
	static const char *const cases[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xff\xfe\xfd", "//79" }, { "\xfb\xef\xbe", "++++" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		size_t n = strlen(cases[i][0]);
		char text[16], back[16];

		ck_assert_uint_eq(QF_BASE64_LEN(n), strlen(cases[i][1]));
		qf_base64_encode(text, cases[i][0], n);
		ck_assert_mem_eq(text, cases[i][1], QF_BASE64_LEN(n));
		ck_assert_int_eq(qf_base64_decode(back, text, QF_BASE64_LEN(n)), (ssize_t)n);
		ck_assert_mem_eq(back, cases[i][0], n);
	}
}
END_TEST

START_TEST(every_length)
{
	enum { MAX = 300 };
	unsigned char in[MAX], back[MAX + 8];
	char text[QF_BASE64_LEN(MAX) + 1];
	uint64_t seed = 5;

	for (size_t n = 0; n <= MAX; n++) {
		for (size_t i = 0; i < n; i++)
			in[i] = (unsigned char)unit_random(&seed);
		memset(text, '#', sizeof(text));
		qf_base64_encode(text, in, n);
		ck_assert_int_eq(text[QF_BASE64_LEN(n)], '#');
		memset(back, 0xee, sizeof(back));
		ck_assert_int_eq(qf_base64_decode(back, text, QF_BASE64_LEN(n)), (ssize_t)n);
		ck_assert_int_eq(memcmp(back, in, n), 0);
		/* Texts that are no multiple of four are refused. */
		for (size_t cut = 1; cut < 4 && cut < QF_BASE64_LEN(n); cut++)
			ck_assert_int_eq(qf_base64_decode(back, text, QF_BASE64_LEN(n) - cut), -1);
	}
}
END_TEST

/* All 2^32 bit patterns of a float32, or every 4099th one. */
START_TEST(every_float)
{
	enum { ROW = 768 };
	const uint64_t stride = UNIT_SLOW ? 1 : 4099;
	static uint32_t in[ROW], back[ROW];
	static char text[QF_BASE64_LEN(ROW * 4)];

	for (uint64_t bits = 0; bits < 1ull << 32;) {
		size_t n = 0;

		for (; n < ROW && bits < 1ull << 32; n++, bits += stride)
			in[n] = (uint32_t)bits;
		qf_base64_encode(text, in, n * 4);
		if (qf_base64_decode(back, text, QF_BASE64_LEN(n * 4)) != (ssize_t)n * 4 || memcmp(in, back, n * 4))
			ck_abort_msg("in the row that begins with %08x", in[0]);
	}
}
END_TEST

START_TEST(foreign_characters)
{
	char back[32];

	for (size_t n = 4; n <= 16; n += 4) {
		for (size_t at = 0; at < n; at++) {
			for (int c = 0; c < 256; c++) {
				char text[17] = "QUJDREVGR0hJSktM";
				bool known = c && strchr(alphabet, c);

				text[at] = (char)c;
				/* '=' at the very end is padding, not foreign (and then the bits must fit). */
				if (c == '=' && at == n - 1)
					continue;
				if ((qf_base64_decode(back, text, n) >= 0) != known)
					ck_abort_msg("character %d at %zu of %zu", c, at, n);
			}
		}
	}
}
END_TEST

START_TEST(padding)
{
	static const struct {
		const char *text;
		ssize_t n;
	} cases[] = {
		{ "QQ==", 1 }, { "QUI=", 2 }, { "QUJD", 3 }, { "QUJDQQ==", 4 }, { "====", -1 }, { "Q===", -1 },
		{ "QQ=Q", -1 }, { "QQ==QUJD", -1 }, { "QUI=QUJD", -1 }, { "Q=I=", -1 }, { "=QI=", -1 }, { "=", -1 },
		{ "QQ=", -1 }, { "QQ", -1 }, { "QR==", -1 }, { "QUJ=", -1 }, { "QUK=", -1 }, { "Qf==", -1 },
	};
	char back[16];

	for (size_t i = 0; i < QF_LEN(cases); i++)
		ck_assert_msg(qf_base64_decode(back, cases[i].text, strlen(cases[i].text)) == cases[i].n, "%s",
			      cases[i].text);
	/* Of all last characters only those whose unused bits are zero are taken. */
	for (int i = 0; i < 64; i++) {
		char one[5] = "Q?==", two[5] = "QU?=";

		one[1] = two[2] = alphabet[i];
		ck_assert_int_eq(qf_base64_decode(back, one, 4) == 1, i % 16 == 0);
		ck_assert_int_eq(qf_base64_decode(back, two, 4) == 2, i % 4 == 0);
	}
}
END_TEST

UNIT_MAIN("base64", 800, known_answers, every_length, every_float, foreign_characters, padding)
