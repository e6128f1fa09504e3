/* Texts cut into pieces: each row's pieces are joined by '|'. */
#include "tests/unit/unit.h"
#include "tools/transform/pieces.h"

enum { C = QF_PIECES_CHARACTERS, S = QF_PIECES_SENTENCES, T = QF_PIECES_TOKENS };

static const struct {
	int by;
	uint64_t size, overlap;
	const char *in, *out;
} rows[] = {
	/* words */
	{ C, 10, 0, "", "" },
	{ C, 10, 0, " \t\n ", "" },
	{ C, 10, 0, "short", "short" },
	{ C, 10, 0, "0123456789", "0123456789" },
	{ C, 10, 0, "  short  ", "short" },
	{ C, 10, 0, "one two three", "one two|three" },
	{ C, 7, 0, "one two three", "one two|three" },
	{ C, 6, 0, "one two three", "one|two|three" },
	{ C, 10, 0, "one\ttwo\n\nthree", "one\ttwo|three" },
	{ C, 10, 4, "one two three four", "one two|two three|four" },
	{ C, 13, 5, "one two three four five", "one two three|three four|four five" },
	{ C, 12, 3, "aa bb cc dd ee ff", "aa bb cc dd|dd ee ff" },
	{ C, 5, 4, "a b c d e f", "a b c|b c d|c d e|d e f" },
	{ C, 10, 9, "aaaa bbbbbbbbbb cc", "aaaa|bbbbbbbbbb|cc" },
	{ C, 4, 2, "abcdefghij", "abcd|efgh|ij" },
	{ C, 4, 0, "a abcdefghij b", "a|abcd|efgh|ij b" },
	{ C, 1, 0, "ab c", "a|b|c" },
	{ C, 800, 100, "x", "x" },
	{ C, 1000000, 0, "a b", "a b" },
	/* unicode */
	{ C, 4, 0, "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc", "\xc3\xbc\xc3\xbc\xc3\xbc\xc3\xbc|\xc3\xbc" },
	{ C, 2, 0, "\xf0\x9f\x98\x80\xf0\x9f\x98\x81\xf0\x9f\x98\x82",
	  "\xf0\x9f\x98\x80\xf0\x9f\x98\x81|\xf0\x9f\x98\x82" },
	{ C, 3, 0, "abe\xcc\x81" "f", "ab|e\xcc\x81" "f" },	  /* e and its accent stay together */
	{ C, 2, 0, "e\xcc\x81\xcc\x81\xcc\x81", "e\xcc\x81|\xcc\x81\xcc\x81" }, /* marks alone pass size */
	{ C, 3, 0, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x96\x87", "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e|\xe6\x96\x87" },
	{ C, 3, 1, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe6\x96\x87",
	  "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e|\xe8\xaa\x9e\xe6\x96\x87" },
	{ C, 3, 0, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e\xe3\x80\x82\xe6\x96\x87",
	  "\xe6\x97\xa5\xe6\x9c\xac|\xe8\xaa\x9e\xe3\x80\x82\xe6\x96\x87" }, /* the stop goes with its word */
	{ C, 5, 0, "abc\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "abc\xe6\x97\xa5\xe6\x9c\xac|\xe8\xaa\x9e" },
	{ C, 9, 0, "10\xc2\xa0" "kg und 5", "10\xc2\xa0kg und|5" }, /* a no-break space */
	{ C, 4, 0, "ab\xe3\x80\x80" "cd ef", "ab|cd|ef" },	   /* an ideographic space is a blank */
	{ C, 6, 0, "ab\xe3\x80\x80" "cd ef", "ab\xe3\x80\x80" "cd|ef" },
	{ C, 3, 0, "a\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb" "b",
	  "a|\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb|b" },	   /* joined by U+200D */
	{ C, 2, 0, "\xd8\xa7\xd9\x84\xd8\xb3 \xd9\x84", "\xd8\xa7\xd9\x84|\xd8\xb3|\xd9\x84" },
	/* sentences */
	{ S, 1, 0, "One. Two! Three?", "One.|Two!|Three?" },
	{ S, 2, 0, "One. Two! Three?", "One. Two!|Three?" },
	{ S, 2, 1, "One. Two. Three. Four.", "One. Two.|Two. Three.|Three. Four." },
	{ S, 1, 0, "No stop at all", "No stop at all" },
	{ S, 1, 0, "Version 1.5 is out. Get it.", "Version 1.5 is out.|Get it." },
	{ S, 1, 0, "Tools, e.g. saws. Buy.", "Tools, e.g. saws.|Buy." },
	{ S, 1, 0, "J. R. Smith wrote. He did.", "J. R. Smith wrote.|He did." },
	{ S, 1, 0, "He said \"no.\" Then left.", "He said \"no.\"|Then left." },
	{ S, 1, 0, "What?! Really... Yes.", "What?!|Really...|Yes." },
	{ S, 1, 0, "line one\nline two\r\n\r\nthree", "line one|line two|three" },
	{ S, 1, 0, "Das ist \xc3\xb6. \xc3\x84pfel.", "Das ist \xc3\xb6.|\xc3\x84pfel." },
	{ S, 1, 0, "Ende. \xc3\xa4hnlich.", "Ende. \xc3\xa4hnlich." }, /* a small letter follows */
	{ S, 1, 0, "\xe4\xb8\x80\xe3\x80\x82\xe4\xba\x8c\xef\xbc\x81\xe4\xb8\x89",
	  "\xe4\xb8\x80\xe3\x80\x82|\xe4\xba\x8c\xef\xbc\x81|\xe4\xb8\x89" },
	{ S, 1, 0, "\xe3\x80\x8c\xe4\xb8\x80\xe3\x80\x82\xe3\x80\x8d\xe4\xba\x8c",
	  "\xe3\x80\x8c\xe4\xb8\x80\xe3\x80\x82\xe3\x80\x8d|\xe4\xba\x8c" },
	{ S, 1, 0, "www.example.com is up. 5 o'clock.", "www.example.com is up.|5 o'clock." },
	{ S, 1, 0, "...", "..." },
	{ S, 1, 0, ". . .", ".|.|." },
	/* tokens: four characters begun are one */
	{ T, 1, 0, "one two", "one|two" },
	{ T, 2, 0, "one two three", "one two|three" },
	{ T, 3, 0, "internationalization ok", "internationa|lization ok" },
	{ T, 2, 1, "a b c d", "a b|b c|c d" },
	{ T, 2, 0, "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", "\xe6\x97\xa5\xe6\x9c\xac|\xe8\xaa\x9e" },
	{ T, 256, 32, "a", "a" },
};

START_TEST(table)
{
	QF_AUTO_ARENA struct qf_arena arena = { 0 };
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct qf_piece *piece;
	size_t n = qf_pieces(qf_str(rows[_i].in), rows[_i].by, rows[_i].size, rows[_i].overlap, &arena, &piece);

	for (size_t i = 0; i < n; i++) {
		if (i)
			qf_buf_addc(&out, '|');
		qf_buf_add(&out, rows[_i].in + piece[i].from, piece[i].to - piece[i].from);
	}
	ck_assert_str_eq(qf_buf_cstr(&out), rows[_i].out);
}
END_TEST

static bool is_blank(const char *p, const char *end)
{
	for (; p < end; p++)
		if (!strchr(" \n", *p))
			return false;
	return true;
}

/* Whatever the text: pieces are valid UTF-8, in order, within size, and nothing but blanks is lost. */
START_TEST(random_texts)
{
	static const char *const parts[] = { "a", "word", " ", "  ", "\n", ". ", "! ", "\xc3\xa9", "e\xcc\x81", "Z",
					     "\xe6\x97\xa5", "\xe3\x80\x82", "\xf0\x9f\x98\x80", "\xe2\x80\x8d", ", " };
	uint64_t seed = 11;

	for (int round = 0; round < 20000; round++) {
		QF_AUTO_ARENA struct qf_arena arena = { 0 };
		QF_AUTO_BUF struct qf_buf text = { 0 };
		enum qf_pieces_by by = unit_random(&seed) % 3;
		uint64_t size = 1 + unit_random(&seed) % 20, overlap = unit_random(&seed) % size;
		size_t n_parts = unit_random(&seed) % 40, n, done = 0;
		struct qf_piece *piece;

		for (size_t i = 0; i < n_parts; i++)
			qf_buf_puts(&text, parts[unit_random(&seed) % QF_LEN(parts)]);
		n = qf_pieces(qf_buf_str(&text), by, size, overlap, &arena, &piece);
		for (size_t i = 0; i < n; i++) {
			struct qf_str s = { text.p + piece[i].from, piece[i].to - piece[i].from };

			ck_assert(s.n > 0 && piece[i].to <= text.n && qf_utf8_valid(s.p, s.n));
			ck_assert_msg(by != QF_PIECES_CHARACTERS || qf_text_characters(s) <= size, "a piece is too long");
			if (i) {
				struct qf_str shared = { s.p, piece[i].from < done ? done - piece[i].from : 0 };

				ck_assert(piece[i].from > piece[i - 1].from && piece[i].to > done);
				ck_assert(by != QF_PIECES_CHARACTERS || qf_text_characters(shared) <= overlap);
			}
			ck_assert(piece[i].from <= done || is_blank(text.p + done, s.p));
			done = piece[i].to;
		}
		ck_assert(!text.n || is_blank(text.p + done, text.p + text.n));
	}
}
END_TEST

START_TEST(tokens)
{
	ck_assert_uint_eq(qf_text_tokens(qf_str("")), 0);
	ck_assert_uint_eq(qf_text_tokens(qf_str("a bb ccc dddd eeeee")), 6);
	ck_assert_uint_eq(qf_text_tokens(qf_str("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e")), 3);
	ck_assert_uint_eq(qf_text_characters(qf_str("a\xc3\xa9\xf0\x9f\x98\x80")), 3);
}
END_TEST

/* Linear in the text, whatever it is made of. */
START_TEST(huge)
{
	static const char *const parts[] = { "x", "word ", "\xe6\x97\xa5", ". ", "\xcc\x81" };
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_piece *piece;

	for (size_t i = 0; i < QF_LEN(parts); i++) {
		for (int by = C; by <= T; by++) {
			QF_AUTO_ARENA struct qf_arena arena = { 0 };

			qf_buf_reset(&text);
			while (text.n < 4 << 20)
				qf_buf_puts(&text, parts[i]);
			ck_assert(qf_pieces(qf_buf_str(&text), by, 800, 100, &arena, &piece) > 0);
		}
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pieces");
	TCase *tcase = tcase_create("pieces");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, table, 0, QF_LEN(rows));
	tcase_add_test(tcase, random_texts);
	tcase_add_test(tcase, tokens);
	tcase_add_test(tcase, huge);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
