/* The scan against a plain reference, and its promises one by one. */
#include <strings.h>

#include "tests/unit/scan_kit.h"

/* ---- against a reference ---- */

static size_t count_chars(const char *p, size_t n, bool valid)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += !valid || ((unsigned char)p[i] & 0xc0) != 0x80;
	return count;
}

/* Checks the findings on one line of text, whose bytes are p[0..n) at `offset`; returns how many there are. */
static size_t check_line(const struct scan *s, const struct qf_finding *f, size_t n_f, const char *p, size_t n,
			 uint64_t offset, unsigned number, struct qf_line_hash *hash)
{
	size_t seen = 0, lines = 0;

	for (size_t k = 0; k < s->rules.n_systems; k++) {
		const char *word = s->rules.systems[k].name, *first = NULL;
		bool valid;
		unsigned hits = 0;

		for (size_t i = 0; i + strlen(word) <= n; i++) {
			if (strncasecmp(p + i, word, strlen(word)) != 0)
				continue;
			first = first ? first : p + i;
			hits++;
			i += strlen(word) - 1;
		}
		if (!hits)
			continue;
		valid = qf_utf8_valid(p, n);
		lines++;
		for (size_t i = 0; i < n_f; i++) {
			if (f[i].line != number || strcmp(f[i].rule, word) != 0)
				continue;
			ck_assert_uint_eq(f[i].hits, hits);
			ck_assert_uint_eq(f[i].offset, offset + (size_t)(first - p));
			ck_assert_uint_eq(f[i].column, count_chars(p, (size_t)(first - p), valid) + 1);
			ck_assert_uint_eq(f[i].end_column, f[i].column + strlen(word));
			ck_assert(qf_str_eq(f[i].match, (struct qf_str){ first, strlen(word) }));
			qf_line_hash_start(hash);
			qf_line_hash_add(hash, p, n);
			ck_assert_uint_eq(f[i].line_hash, qf_line_hash_end(hash));
			ck_assert_uint_le(f[i].text.n, 240);
			ck_assert(qf_utf8_valid(f[i].text.p, f[i].text.n));
			ck_assert_ptr_nonnull(memmem(f[i].text.p, f[i].text.n, f[i].match.p, f[i].match.n));
			if (valid)
				ck_assert_ptr_nonnull(memmem(p, n, f[i].text.p, f[i].text.n));
			if (valid)
				ck_assert_int_eq(f[i].cut, f[i].text.n < n);
			seen++;
		}
		ck_assert_uint_eq(seen, lines);
	}
	return seen;
}

static void check_text(const struct scan *s, const char *path, const char *p, size_t n)
{
	struct qf_line_hash hash = { 0 };
	const struct qf_finding *f = s->result.findings;
	size_t n_f = 0, seen = 0;
	unsigned number = 1;

	while (f < s->result.findings + s->result.n && strcmp(f->path, path) != 0)
		f++;
	while (f + n_f < s->result.findings + s->result.n && strcmp(f[n_f].path, path) == 0)
		n_f++;
	for (size_t at = 0; at < n; number++) {
		const char *feed = memchr(p + at, '\n', n - at);
		size_t end = feed ? (size_t)(feed - p) : n, content = end;

		if (feed && content > at && p[content - 1] == '\r')
			content--;
		seen += check_line(s, f, n_f, p + at, content - at, at, number, &hash);
		at = end + 1;
	}
	ck_assert_uint_eq(seen, n_f);
	qf_line_hash_release(&hash);
}

/* Lines short and long, some larger than the buffer, names anywhere and around the places where the buffer ends. */
static void random_text(struct qf_buf *out, size_t size, uint64_t *seed)
{
	static const char *const pieces[] = { "weaviate", "WeaViate", "snowflake", "SNOWFLAKE", "weaviat", "nowflake", "\r",
					      "\xc3\xa9", "\xe9", "\xe2\x82\xac", "  \t", "weaviateweaviate" };
	size_t long_line = 0;

	while (out->n < size) {
		uint64_t r = unit_random(seed);
		size_t near_border = out->n % (256 << 10);

		if (r % 100 == 0 && !long_line)
			long_line = r % 10 == 0 ? (r >> 20) % (700 << 10) : 0;
		if (near_border > (256 << 10) - 300 || near_border < 200 || r % 50 == 0)
			qf_buf_puts(out, pieces[(r >> 8) % QF_LEN(pieces)]);
		else
			for (unsigned i = 0; i < 40; i++)
				qf_buf_addc(out, (char)('a' + (r >> i) % 22));
		long_line = long_line > 40 ? long_line - 40 : 0;
		if (!long_line && (r >> 40) % 4 == 0)
			qf_buf_puts(out, (r >> 44) % 4 ? "\n" : "\r\n");
	}
}

START_TEST(lines_against_a_plain_search)
{
	uint64_t seed = 7;

	for (int round = 0; round < (UNIT_SLOW ? 40 : 6); round++) {
		QF_AUTO_BUF struct qf_buf text = { 0 };
		struct scan s;

		scan_open(&s, PLAIN_RULES);
		random_text(&text, unit_random(&seed) % (1500 << 10), &seed);
		tree_put(s.dir, "a", text.p, text.n);
		scan_run(&s, 1);
		check_text(&s, "a", text.p, text.n);
		scan_close(&s);
	}
}
END_TEST

/* A name at each place around the end of the buffer, in lines that end before it and in one that does not. */
START_TEST(names_across_the_end_of_the_buffer)
{
	for (int one_line = 0; one_line < 2; one_line++) {
		struct scan s;
		char name[16];
		size_t size = 300 << 10, border = 256 << 10;
		QF_AUTO_FREE char *text = qf_malloc(size);

		scan_open(&s, PLAIN_RULES);
		for (size_t shift = 0; shift < 90; shift++) {
			memset(text, 'x', size);
			for (size_t i = 0; !one_line && i < size; i += 50)
				text[i] = '\n';
			memcpy(text + border - 80 + shift, "Weaviate", 8);
			for (size_t near = 0; near < 2; near++) /* where the search of a long line stops */
				memcpy(text + border - 4096 - 120 + shift + near * 37, "snowflake", 9);
			snprintf(name, sizeof(name), "f%zu", shift);
			tree_put(s.dir, name, text, size);
		}
		scan_run(&s, 2);
		for (size_t shift = 0; shift < 90; shift++) {
			memset(text, 'x', size);
			for (size_t i = 0; !one_line && i < size; i += 50)
				text[i] = '\n';
			memcpy(text + border - 80 + shift, "Weaviate", 8);
			for (size_t near = 0; near < 2; near++)
				memcpy(text + border - 4096 - 120 + shift + near * 37, "snowflake", 9);
			snprintf(name, sizeof(name), "f%zu", shift);
			check_text(&s, name, text, size);
		}
		scan_close(&s);
	}
}
END_TEST

/* One line of 50 MB, in memory that has nothing to do with its length. */
START_TEST(giant_line)
{
	size_t size = UNIT_SLOW ? 50 << 20 : 4 << 20;
	QF_AUTO_FREE char *text = qf_malloc(size);
	struct scan s;

	scan_open(&s, PLAIN_RULES);
	memset(text, 'a', size);
	memcpy(text + size / 2, "\xc3\xa9weaviate", 10);
	memcpy(text + size - 9, "snowflake", 9);
	memcpy(text + size - 100, "weaviate", 8);
	tree_put(s.dir, "a.txt", text, size);
	scan_run(&s, 1);
	check_text(&s, "a.txt", text, size);
	ck_assert_uint_eq(s.result.n, 2);
	ck_assert(s.result.findings[0].cut);
	ck_assert_uint_eq(s.result.findings[0].column, size / 2 + 2);
	scan_close(&s);
}
END_TEST

/* ---- kinds of text ---- */

static void put_wide(const char *dir, const char *name, const char *ascii, bool big, const char *tail, size_t tail_n)
{
	QF_AUTO_BUF struct qf_buf b = { 0 };

	qf_buf_add(&b, big ? "\xfe\xff" : "\xff\xfe", 2);
	for (; *ascii; ascii++) {
		if (big)
			qf_buf_addc(&b, '\0');
		qf_buf_addc(&b, *ascii);
		if (!big)
			qf_buf_addc(&b, '\0');
	}
	qf_buf_add(&b, tail, tail_n);
	tree_put(dir, name, b.p, b.n);
}

START_TEST(kinds_of_text)
{
	struct scan s;
	const struct qf_finding *f;

	scan_open(&s, PLAIN_RULES);
	put_wide(s.dir, "le", "one\r\nthe weaviate\r\n", false, "\x3d\xd8\x00\xde", 4);
	/* a high surrogate alone, then half a unit */
	put_wide(s.dir, "be", "a Snowflake ", true, "\xd8\x3d\x00x\x00", 5);
	put_wide(s.dir, "utf32", "", false, "\0\0w\0\0\0e\0\0\0a\0\0\0", 14);
	tree_text(s.dir, "bom", "\xef\xbb\xbfweaviate");
	tree_text(s.dir, "latin1", "caf\xe9 weaviate \xe9\n");
	tree_text(s.dir, "utf8", "caf\xc3\xa9 weaviate\n");
	tree_text(s.dir, "crlf", "x\r\n weaviate \r\nweaviate\r");
	tree_text(s.dir, "cr", "a\rweaviate\rb\n");
	tree_put(s.dir, "binary", "weaviate\nsnow\0flake\n", 20);
	tree_text(s.dir, "empty", "");
	scan_run(&s, 1);
	f = at_line(&s, "le", 2, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->column, 5);
	ck_assert_uint_eq(f->offset, 9);
	ck_assert_slice(f->text, "the weaviate");
	f = at_line(&s, "be", 1, "snowflake");
	ck_assert_ptr_nonnull(f);
	ck_assert_slice(f->text, "a Snowflake \xef\xbf\xbdx\xef\xbf\xbd");
	ck_assert_ptr_nonnull(note(&s, QF_NOTE_BINARY, "utf32"));
	f = at_line(&s, "bom", 1, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->column, 1);
	ck_assert_uint_eq(f->offset, 3);
	ck_assert_slice(f->text, "weaviate");
	f = at_line(&s, "latin1", 1, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->column, 6);
	ck_assert_slice(f->text, "caf\xc3\xa9 weaviate \xc3\xa9");
	ck_assert(!f->cut);
	f = at_line(&s, "utf8", 1, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->column, 6);
	ck_assert_uint_eq(f->end_column, 14);
	f = at_line(&s, "crlf", 2, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_slice(f->text, " weaviate ");
	f = at_line(&s, "crlf", 3, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_slice(f->text, "weaviate\r");
	f = at_line(&s, "cr", 1, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->column, 3);
	ck_assert_ptr_nonnull(note(&s, QF_NOTE_BINARY, "binary"));
	ck_assert_ptr_null(at_line(&s, "binary", 1, "weaviate"));
	ck_assert_uint_eq(s.result.files, 8);
	scan_close(&s);
}
END_TEST

START_TEST(several_patterns_and_hits)
{
	struct scan s;
	const struct qf_finding *f;

	scan_open(&s, PLAIN_RULES);
	tree_text(s.dir, "a", "x\n\nweav-client, WEAVIATE_URL and snowflake; weaviateweaviate\n");
	scan_run(&s, 1);
	f = at_line(&s, "a", 3, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(f->hits, 4);
	ck_assert_uint_eq(f->column, 1);
	ck_assert_slice(f->match, "weav-client");
	ck_assert_str_eq(f->message, "use Qdrant");
	ck_assert_int_eq(f->kind, QF_FORBIDDEN);
	ck_assert_int_ne(f->category, QF_CAT_NONE);
	ck_assert_ptr_nonnull(at_line(&s, "a", 3, "snowflake"));
	ck_assert_uint_eq(s.result.n, 2);
	scan_close(&s);
}
END_TEST

/* ---- files ---- */

START_TEST(names_of_files)
{
	struct scan s;
	const struct qf_finding *f;

	scan_open(&s, PLAIN_RULES);
	tree_text(s.dir, "a/weaviate/Weaviate_\xc3\xa9.py", "x\n");
	tree_text(s.dir, QF_BASELINE_FILE, "{\"rule\":\"weaviate\"}\n");
	tree_put(s.dir, "snowflake.bin", "\0snowflake", 10);
	scan_run(&s, 1);
	ck_assert_uint_eq(s.result.n, 2);
	f = at_line(&s, "a/weaviate/Weaviate_\xc3\xa9.py", 0, "weaviate");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(f->category, QF_CAT_PATH);
	ck_assert_uint_eq(f->hits, 2);
	ck_assert_uint_eq(f->column, 3);
	ck_assert_slice(f->text, "a/weaviate/Weaviate_\xc3\xa9.py");
	ck_assert_ptr_nonnull(at_line(&s, "snowflake.bin", 0, "snowflake"));
	scan_close(&s);
}
END_TEST

/* Files of the kernel have more bytes than they say: as good as one that grows while it is read. */
START_TEST(file_that_changes)
{
	struct qf_file file = { .path = "self/status" };
	struct qf_files files = { .file = &file, .n = 1, .root = (char *)(uintptr_t) "/proc" };
	struct qf_result result = { 0 };
	struct scan s;
	struct qf_scan_opts opts = { .files = &files, .rules = &s.rules, .today = "2025-06-01", .threads = 1 };

	scan_open(&s, PLAIN_RULES);
	/* "self" is a link, so the process's number stands for it. */
	{
		QF_AUTO_FREE char *path = qf_asprintf("%d/status", getpid());

		file.path = path;
		ck_assert_int_eq(qf_scan_run(&opts, NULL, &result, &s.err), 0);
		ck_assert_uint_eq(result.n_notes, 1);
		ck_assert_int_eq(result.notes[0].kind, QF_NOTE_UNREADABLE);
		ck_assert_has(result.notes[0].text, "changes while it is read");
	}
	qf_result_release(&result);
	file.path = "self/status";
	ck_assert_int_eq(qf_scan_run(&opts, NULL, &result, &s.err), 0);
	ck_assert_int_eq(result.notes[0].kind, QF_NOTE_SYMLINK);
	qf_result_release(&result);
	scan_close(&s);
}
END_TEST

/* What became something else since the list was made. */
START_TEST(files_that_were_swapped)
{
	struct qf_file file[] = { { .path = "dir" }, { .path = "fifo" }, { .path = "gone" }, { .path = "link" },
				  { .path = "way/a" } };
	static const enum qf_note_kind kinds[] = { QF_NOTE_SPECIAL, QF_NOTE_SPECIAL, QF_NOTE_MISSING, QF_NOTE_SYMLINK,
						   QF_NOTE_SYMLINK };
	struct qf_result result = { 0 };
	struct scan s;
	struct qf_files files;
	struct qf_scan_opts opts = { .files = &files, .rules = &s.rules, .today = "2025-06-01", .threads = 2 };

	scan_open(&s, PLAIN_RULES);
	files = (struct qf_files){ .file = file, .n = QF_LEN(file), .root = s.dir };
	tree_text(s.dir, "dir/a", "weaviate\n");
	ck_assert_int_eq(chdir(s.dir), 0);
	ck_assert_int_eq(mkfifo("fifo", 0666), 0);
	ck_assert_int_eq(symlink("dir/a", "link"), 0);
	ck_assert_int_eq(symlink("dir", "way"), 0);
	ck_assert_int_eq(qf_scan_run(&opts, NULL, &result, &s.err), 0);
	ck_assert_uint_eq(result.n, 0);
	ck_assert_uint_eq(result.n_notes, QF_LEN(kinds));
	for (size_t i = 0; i < QF_LEN(kinds); i++)
		ck_assert_msg(result.notes[i].kind == kinds[i], "%s: %d", result.notes[i].path, result.notes[i].kind);
	qf_result_release(&result);
	ck_assert_int_eq(chdir("/"), 0);
	scan_close(&s);
}
END_TEST

START_TEST(same_result_with_any_number_of_threads)
{
	uint64_t seed = 3;
	struct qf_result first;
	struct scan s;
	char name[32];

	scan_open(&s, ALLOW_RULES);
	for (int i = 0; i < 300; i++) {
		QF_AUTO_BUF struct qf_buf text = { 0 };

		random_text(&text, unit_random(&seed) % (4 << 10), &seed);
		if (i % 7 == 0)
			qf_buf_addc(&text, '\0');
		if (i % 5 == 0)
			qf_buf_puts(&text, "\n# align: allow snowflake -- nothing\n\n");
		snprintf(name, sizeof(name), "%d/snowflake%d.py", i % 10, i);
		tree_put(s.dir, name, text.p, text.n);
	}
	scan_run(&s, 1);
	first = s.result;
	ck_assert_uint_gt(first.n, 300);
	ck_assert_uint_gt(first.n_notes, 50);
	for (unsigned threads = 2; threads <= 8; threads += 3) {
		s.result = (struct qf_result){ 0 };
		scan_run(&s, threads);
		ck_assert_uint_eq(s.result.n, first.n);
		ck_assert_uint_eq(s.result.n_notes, first.n_notes);
		ck_assert_uint_eq(s.result.files, first.files);
		ck_assert_uint_eq(s.result.bytes, first.bytes);
		for (size_t i = 0; i < first.n; i++) {
			const struct qf_finding *a = &first.findings[i], *b = &s.result.findings[i];

			ck_assert_int_eq(qf_finding_cmp(a, b), 0);
			ck_assert(qf_str_eq(a->text, b->text) && qf_str_eq(a->match, b->match));
			ck_assert(a->line_hash == b->line_hash && a->category == b->category &&
				  a->offset == b->offset && a->suppression == b->suppression &&
				  a->hits == b->hits);
		}
		for (size_t i = 0; i < first.n_notes; i++) {
			ck_assert_str_eq(first.notes[i].path, s.result.notes[i].path);
			ck_assert_str_eq(first.notes[i].text, s.result.notes[i].text);
		}
		qf_result_release(&s.result);
	}
	s.result = first;
	scan_close(&s);
}
END_TEST

UNIT_MAIN("align_scan", 300, lines_against_a_plain_search, names_across_the_end_of_the_buffer, giant_line,
	  kinds_of_text, several_patterns_and_hits, names_of_files, file_that_changes, files_that_were_swapped,
	  same_result_with_any_number_of_threads)
