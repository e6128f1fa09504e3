/* A small result of align with everything in it that a report has to cope with. */
#ifndef QF_TESTS_REPORT_KIT_H
#define QF_TESTS_REPORT_KIT_H

#include "tools/align/report/report.h"

static struct qf_system kit_systems[] = {
	{ .name = "weaviate", .hint = "use Qdrant" },
	{ .name = "snowflake" },
};
static const struct qf_rules kit_rules = { .systems = kit_systems, .n_systems = 2 };

/* A name with a quote, a line end and a letter that is none of ASCII. */
#define KIT_ODD "b/\"new\n\xc3\xa9\".py"
/* A name that is not UTF-8, with what URIs, workflow commands and percent-encoding make of it. */
#define KIT_BYTES "c/x\xff%:, y.py"

/* A finding whose match is the first `match` in the text. */
static inline struct qf_finding kit_finding(const char *path, unsigned line, const char *rule, const char *match,
					    const char *text)
{
	const char *at = strstr(text, match);
	struct qf_finding f = {
		.kind = QF_FORBIDDEN, .category = QF_CAT_STRING, .path = path, .rule = rule, .line = line, .hits = 1,
		.match = { at, strlen(match) }, .text = qf_str(text),
	};
	struct qf_line_hash hash = { 0 };

	f.column = (unsigned)(at - text) + 1;
	f.end_column = f.column + (unsigned)strlen(match);
	qf_line_hash_start(&hash);
	qf_line_hash_add(&hash, text, strlen(text));
	f.line_hash = qf_line_hash_end(&hash);
	qf_line_hash_release(&hash);
	return f;
}

static inline void kit_fill(struct qf_result *r)
{
	struct qf_finding f = kit_finding("a.py", 3, "weaviate", "weaviate", "import weaviate");

	f.category = QF_CAT_IMPORT;
	f.message = "use Qdrant";
	qf_result_add(r, &f);
	f.line = 7;
	qf_result_add(r, &f);
	f = kit_finding("a.py", 9, "weaviate", "Weaviate", "\tx = Weaviate(snowflake)  # Weaviate");
	f.hits = 2;
	f.message = "use Qdrant";
	f.category = QF_CAT_IDENTIFIER;
	qf_result_add(r, &f);
	f = kit_finding("a.py", 9, "snowflake", "snowflake", "\tx = Weaviate(snowflake)  # Weaviate");
	f.category = QF_CAT_IDENTIFIER;
	qf_result_add(r, &f);
	f = kit_finding(KIT_ODD, 1, "snowflake", "snowflake", "\x1b[2J\xff snowflake \xe2\x80\xae|<%:,>");
	f.column = 8;
	f.end_column = 17;
	qf_result_add(r, &f);
	f = (struct qf_finding){ .kind = QF_FORBIDDEN, .category = QF_CAT_PATH, .path = KIT_ODD, .rule = "snowflake", .hits = 1 };
	qf_result_add(r, &f);
	f = kit_finding(KIT_BYTES, 2, "weaviate", "weaviate", "  weaviate = 1  # align: allow weaviate -- <old> data");
	f.suppression = QF_BY_INLINE;
	f.reason = "<old> data";
	qf_result_add(r, &f);
	f = kit_finding(KIT_BYTES, 5, "weaviate", "weaviate", "some weaviate text");
	f.cut = true;
	qf_result_add(r, &f);
	f = kit_finding("d/icons.js", 1, "snowflake", "Snowflake", "Snowflake");
	f.suppression = QF_BY_TOKEN;
	f.reason = "an icon";
	qf_result_add(r, &f);
	f = kit_finding("d/known.md", 1, "snowflake", "snowflake", "snowflake");
	f.suppression = QF_BY_BASELINE;
	qf_result_add(r, &f);
	f = kit_finding("e.py", 2, "backend.old", "old", "from backend import old");
	f.kind = QF_PENDING;
	f.category = QF_CAT_NONE;
	f.message = "from backend import new";
	qf_result_add(r, &f);
	f = (struct qf_finding){ .kind = QF_PENDING, .path = "e.py", .rule = "e.py", .hits = 1, .message = "moves to f.py" };
	qf_result_add(r, &f);
	f = kit_finding("e.py", 4, "backend.old", "backend.old", "x = 'backend.old'");
	f.kind = QF_LEFTOVER;
	f.category = QF_CAT_NONE;
	f.message = "a text, no path";
	qf_result_add(r, &f);
	qf_result_note(r, QF_NOTE_BINARY, "x.bin", 0, "holds a NUL byte");
	qf_result_note(r, QF_NOTE_BINARY, KIT_BYTES "c", 0, "holds a NUL byte");
	qf_result_note(r, QF_NOTE_BINARY, "y.bin", 0, "holds a NUL byte");
	qf_result_note(r, QF_NOTE_BINARY, "z.bin", 0, "holds a NUL byte");
	qf_result_note(r, QF_NOTE_SYMLINK, "link", 0, "a symbolic link, not followed");
	qf_result_note(r, QF_NOTE_UNREADABLE, "private", 0, "Permission denied");
	qf_result_note(r, QF_NOTE_UNPARSABLE, "old.py", 4, "line 4, column 1: 'print' is no statement");
	qf_result_note(r, QF_NOTE_STALE, ".fortress-align.yaml", 12, "nothing needs this allowance: \x1b]0;x\x07");
	qf_result_note(r, QF_NOTE_PLAN, NULL, 0, "the promoted module lacks X");
	r->files = 1358;
	r->bytes = 100;
	qf_result_sort(r);
}

#endif
