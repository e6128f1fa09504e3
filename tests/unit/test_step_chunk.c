/* The step `chunk`. The ids are those of Python's uuid.uuid5. */
#include "tests/unit/step_kit.h"

#define ZERO "9df1d8d8-bf2c-5d6a-92cb-3a51df0cd9bb" /* uuid5(NAMESPACE_URL, "1|0") */
#define ONE "2d2c7946-38b5-5bb7-b422-ec67ae36d192"  /* "1|1" */
#define PIECE(id, payload) "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"" id "\",\"payload\":" payload "}"
#define ERROR(words) "error: step 1 (chunk): collection 'A', id 1, line 1: " words
#define LINE(rest) "{\"type\":\"collection\",\"name\":\"A\"," rest "}"

static const struct step_case cases[] = {
	{ "a short text is one piece", "chunk: text", "{\"text\":\"short\",\"n\":1}",
	  PIECE(ZERO, "{\"text\":\"short\",\"n\":1,\"_parent\":\"1\",\"_chunk\":0}") },
	{ "two pieces", "chunk: {property: text, size: 3, overlap: 0}", "{\"text\":\"one two\"}",
	  PIECE(ZERO, "{\"text\":\"one\",\"_parent\":\"1\",\"_chunk\":0}") "\n"
	  PIECE(ONE, "{\"text\":\"two\",\"_parent\":\"1\",\"_chunk\":1}") },
	{ "blanks around go", "chunk: text", "{\"text\":\"  a \\n\"}",
	  PIECE(ZERO, "{\"text\":\"a\",\"_parent\":\"1\",\"_chunk\":0}") },
	{ "absent", "chunk: text", "{\"n\":1}", PIECE(ZERO, "{\"n\":1,\"_parent\":\"1\",\"_chunk\":0}") },
	{ "null", "chunk: text", "{\"text\":null}", PIECE(ZERO, "{\"text\":null,\"_parent\":\"1\",\"_chunk\":0}") },
	{ "empty", "chunk: text", "{\"text\":\"\"}", PIECE(ZERO, "{\"text\":\"\",\"_parent\":\"1\",\"_chunk\":0}") },
	{ "blank", "chunk: text", "{\"text\":\" \\n\"}", PIECE(ZERO, "{\"text\":\" \\n\",\"_parent\":\"1\",\"_chunk\":0}") },
	{ "no payload", "chunk: text", STEP_POINT "1}", PIECE(ZERO, "{\"_parent\":\"1\",\"_chunk\":0}") },
	{ "dropped when empty", "chunk: {property: text, empty: drop}", "{\"n\":1}\n{\"text\":\" \"}\n{\"text\":null}", "" },
	{ "a number is no text", "chunk: text", "{\"text\":9007199254740993}",
	  ERROR("'text' is of type number, and a text is expected: 9007199254740993") },
	{ "a boolean is none", "chunk: text", "{\"text\":true}",
	  ERROR("'text' is of type boolean, and a text is expected: true") },
	{ "an object is none", "chunk: text", "{\"text\":{}}", ERROR("'text' is of type object, and a text is expected: {}") },
	{ "many places", "chunk: parts.text", "{\"parts\":[{\"text\":\"a\"},{\"text\":\"b\"}]}",
	  ERROR("'parts.text' stands at 2 places, and one text is expected") },
	{ "one place in an array", "chunk: parts.text", "{\"parts\":[{\"text\":\"a\"}]}",
	  PIECE(ZERO, "{\"parts\":[{\"text\":\"a\"}],\"_parent\":\"1\",\"_chunk\":0}") },
	{ "nested", "chunk: {property: doc.text, size: 1, overlap: 0}", "{\"doc\":{\"text\":\"a b\",\"x\":5.0}}",
	  PIECE(ZERO, "{\"doc\":{\"text\":\"a\",\"x\":5.0},\"_parent\":\"1\",\"_chunk\":0}") "\n"
	  PIECE(ONE, "{\"doc\":{\"text\":\"b\",\"x\":5.0},\"_parent\":\"1\",\"_chunk\":1}") },
	{ "numbers and escapes of the others stay", "chunk: text",
	  "{\"i\":9007199254740993,\"u\":18446744073709551615,\"f\":1.50,\"s\":\"\\u00e9\\/\",\"text\":\"a\"}",
	  PIECE(ZERO, "{\"i\":9007199254740993,\"u\":18446744073709551615,\"f\":1.50,\"s\":\"\\u00e9\\/\",\"text\":\"a\","
		      "\"_parent\":\"1\",\"_chunk\":0}") },
	{ "unicode, escaped", "chunk: {property: text, size: 2, overlap: 0}", "{\"text\":\"\\u65e5\\u672c\\u8a9e\"}",
	  PIECE(ZERO, "{\"text\":\"\xe6\x97\xa5\xe6\x9c\xac\",\"_parent\":\"1\",\"_chunk\":0}") "\n"
	  PIECE(ONE, "{\"text\":\"\xe8\xaa\x9e\",\"_parent\":\"1\",\"_chunk\":1}") },
	{ "a surrogate pair is one character", "chunk: {property: text, size: 1, overlap: 0}",
	  "{\"text\":\"\\ud83d\\ude00\\ud83d\\ude01\"}",
	  PIECE(ZERO, "{\"text\":\"\xf0\x9f\x98\x80\",\"_parent\":\"1\",\"_chunk\":0}") "\n"
	  PIECE(ONE, "{\"text\":\"\xf0\x9f\x98\x81\",\"_parent\":\"1\",\"_chunk\":1}") },
	{ "keep", "chunk: {property: text, keep: [title, a.b]}",
	  "{\"title\":\"T\",\"x\":1,\"a\":{\"b\":1,\"c\":2},\"text\":\"a\",\"_id\":\"k\",\"_tenant\":\"t\"}",
	  PIECE(ZERO, "{\"title\":\"T\",\"a\":{\"b\":1},\"text\":\"a\",\"_id\":\"k\",\"_tenant\":\"t\","
		      "\"_parent\":\"1\",\"_chunk\":0}") },
	{ "into", "chunk: {property: text, into: part}", "{\"text\":\"a\",\"n\":1}",
	  PIECE(ZERO, "{\"n\":1,\"part\":\"a\",\"_parent\":\"1\",\"_chunk\":0}") },
	{ "into, the whole kept beside", "chunk: {property: text, into: part, keep: [text], size: 1, overlap: 0}",
	  "{\"text\":\"a b\",\"n\":1}",
	  PIECE(ZERO, "{\"text\":\"a b\",\"part\":\"a\",\"_parent\":\"1\",\"_chunk\":0}") "\n"
	  PIECE(ONE, "{\"text\":\"a b\",\"part\":\"b\",\"_parent\":\"1\",\"_chunk\":1}") },
	{ "what is kept and replaced", "chunk: {property: text, keep: [text]}", "{\"text\":\"a\",\"n\":1}",
	  PIECE(ZERO, "{\"text\":\"a\",\"_parent\":\"1\",\"_chunk\":0}") },
	{ "into what is in the way", "chunk: {property: text, into: n.part}", "{\"text\":\"a\",\"n\":1}",
	  ERROR("'n.part' cannot be set, for 'n' is a number") },
	{ "chunked before", "chunk: text\nchunk: text", "{\"text\":\"a\"}",
	  "error: step 2 (chunk): collection 'A', id 1, line 1: it has '_parent' already, which this step sets; rename it "
	  "first, or was it chunked before?" },
	{ "a text id", "chunk: text", "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k/1\",\"payload\":{\"text\":\"a\"}}",
	  PIECE("a196f8ab-5260-5c6a-969a-ee58a83ce37c", "{\"text\":\"a\",\"_parent\":\"k/1\",\"_chunk\":0}") },
	{ "a uuid, of any spelling", "chunk: text",
	  "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"0B1C9F0E4D0A4B6E9A532F6F1F9F0001\",\"payload\":{\"text\":\"a\"}}",
	  PIECE("6431575a-164d-5afc-a02f-9d5d7134695c",
		"{\"text\":\"a\",\"_parent\":\"0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9f0001\",\"_chunk\":0}") },
	{ "vectors go, the tenant stays", "chunk: text",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":1,\"vector\":[1,2],\"payload\":{\"text\":\"a\"}}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":\"" ZERO "\",\"payload\":{\"text\":\"a\","
	  "\"_parent\":\"1\",\"_chunk\":0}}" },
	{ "deletes pass", "chunk: text", "{\"type\":\"delete\",\"collection\":\"A\",\"id\":1}",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"id\":1}" },
	{ "behind a step that edited the payload", "set: {x: 1}\nchunk: {property: text, size: 1, overlap: 0}\nset: {y: 2}",
	  "{\"text\":\"a b\"}",
	  PIECE(ZERO, "{\"text\":\"a\",\"x\":1,\"_parent\":\"1\",\"_chunk\":0,\"y\":2}") "\n"
	  PIECE(ONE, "{\"text\":\"b\",\"x\":1,\"_parent\":\"1\",\"_chunk\":1,\"y\":2}") },
	{ "schema", "chunk: text",
	  LINE("\"vectors\":{\"\":{\"size\":2,\"distance\":\"Dot\"}},\"sparse\":{\"s\":{}},"
	       "\"payload\":{\"text\":{\"type\":\"text\"}},\"count\":7"),
	  LINE("\"vectors\":{},\"sparse\":{},\"payload\":{\"text\":{\"type\":\"text\"},\"_parent\":{\"type\":\"keyword\"},"
	       "\"_chunk\":{\"type\":\"integer\"}}") },
	{ "schema with into and keep", "chunk: {property: text, into: part, keep: [title]}",
	  LINE("\"payload\":{\"text\":{\"type\":\"text\"},\"title\":{\"type\":\"keyword\"},\"x\":{\"type\":\"bool\"}}"),
	  LINE("\"payload\":{\"title\":{\"type\":\"keyword\"},\"part\":{\"type\":\"text\"},"
	       "\"_parent\":{\"type\":\"keyword\"},\"_chunk\":{\"type\":\"integer\"}}") },
	{ "sizes for sentences", "chunk: {property: text, by: sentences, overlap: 8}", "{}",
	  "error: --step '{chunk: {property: text, by: sentences, overlap: 8}}':1:41: overlap must be less than size, which "
	  "is 8" },
	{ "size 0", "chunk: {property: text, size: 0}", "{}",
	  "error: --step '{chunk: {property: text, size: 0}}':1:26: size: must be from 1 to 1000000" },
	{ "no property", "chunk: {size: 5}", "{}",
	  "error: --step '{chunk: {size: 5}}':1:2: the property that holds the text is missing: chunk: {property: text, by: "
	  "characters, size: 800, overlap: 100, keep: [title]}" },
	{ "unknown unit", "chunk: {property: text, by: words}", "{}",
	  "error: --step '{chunk: {property: text, by: words}}':1:26: by: 'words' is none of characters|sentences|tokens" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* The text of a large point is not carried through each of its pieces. */
START_TEST(huge)
{
	struct qf_chain *c = qf_chain_new();
	struct qf_batch b = { 0 };
	struct qf_buf line = { 0 };
	struct qf_err err;

	ck_assert_int_eq(step_chain_open(c, "chunk: text", &err), 0);
	qf_buf_puts(&line, "{\"text\":\"");
	while (line.n < 8 << 20)
		qf_buf_puts(&line, "words and words ");
	qf_buf_puts(&line, "\"}");
	step_lines(&b, qf_buf_cstr(&line));
	ck_assert_msg(qf_chain_apply(c, &b, &err) == 0, "%s", err.msg);
	ck_assert_uint_gt(b.n, (8 << 20) / 800);
	ck_assert_uint_lt(b.rec[b.n - 1].payload.n, 1000);
	qf_batch_release(&b);
	qf_chain_free(c);
	qf_buf_release(&line);
}
END_TEST

UNIT_MAIN("step chunk", 60, table, huge)
