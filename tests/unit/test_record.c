/* Records in batches, and ids in all their forms. */
#include "common/data/record.h"
#include "tests/unit/unit.h"

static struct qf_arena arena;

static const uint8_t sample[16] = { 0x0b, 0x1c, 0x9f, 0x0e, 0x4d, 0x0a, 0x4b, 0x6e,
				    0x9a, 0x53, 0x2f, 0x6f, 0x1f, 0x9f, 0xff, 0x01 };

START_TEST(uuid_forms)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", true }, { "0B1C9F0E-4D0A-4B6E-9A53-2F6F1F9FFF01", true },
		{ "0b1c9f0e4d0a4b6e9a532f6f1f9fff01", true }, { "{0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01}", true },
		{ "urn:uuid:0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", true },
		{ "", false }, { "0b1c9f0e", false }, { "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff0", false },
		{ "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff012", false }, { "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff0g", false },
		{ "0b1c9f0e-4d0a-4b6e-9a53+2f6f1f9fff01", false }, { "0b1c9f0e4d0a-4b6e-9a53-2f6f1f9fff01-", false },
		{ "-b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", false }, { "0b1c9f0e4d0a4b6e9a532f6f1f9fff0-", false },
		{ "{0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", false }, { "(0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01)", false },
		{ "urn:guid:0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", false }, { " b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", false },
		{ "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff0\xc3", false }, { "@b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01", false },
	};
	uint8_t uuid[16];
	char text[37];

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_str s = qf_str(cases[i].text);

		ck_assert_msg((qf_uuid_parse(s, uuid) == 0) == cases[i].good, "%s", cases[i].text);
		if (cases[i].good)
			ck_assert_mem_eq(uuid, sample, 16);
	}
	ck_assert_int_lt(qf_uuid_parse((struct qf_str){ 0 }, uuid), 0);
	qf_uuid_format(sample, text);
	ck_assert_str_eq(text, "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01");
}
END_TEST

/* Every character at every place of the hyphenated form. */
START_TEST(uuid_every_character)
{
	static const char good[] = "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01";
	uint8_t uuid[16];

	for (size_t at = 0; at < 36; at++) {
		for (int c = 0; c < 256; c++) {
			char text[37];
			bool want = good[at] == '-' ? c == '-' : c && strchr("0123456789abcdefABCDEF", c);

			memcpy(text, good, 37);
			text[at] = (char)c;
			if ((qf_uuid_parse((struct qf_str){ text, 36 }, uuid) == 0) != want)
				ck_abort_msg("character %d at %zu", c, at);
		}
	}
}
END_TEST

/* Known answers: RFC 9562 and Python's uuid.uuid5(uuid.NAMESPACE_URL, name). */
START_TEST(uuid5_in_the_url_namespace)
{
	static const struct {
		const char *name, *uuid;
	} cases[] = {
		{ "https://www.example.com/",
		  "3d3ed9d2-aa3d-5fa6-90e8-ed662e90f559" },
		{ "",
		  "1b4db7eb-4057-5ddf-91e0-36dec72071f5" },
		{ "a",
		  "e1407479-3136-56c0-9908-bb02fb0339e2" },
		{ "doc-42",
		  "e5a4ebb2-d050-5448-87dd-824740a6a540" },
		{ "Ünïcode/€",
		  "a9918835-6659-55ec-85b3-48bcad3898e2" },
		{ "https://example.org/a?b=c#d",
		  "cddd973e-ab8f-5935-a7c6-5a893aa665ff" },
		{ "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
		  "410867c7-1271-589c-9c2a-9baeab2230b3" },
	};
	uint8_t uuid[16];
	char text[37];

	ck_assert_uint_ge(QF_LEN(cases), 5);
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		qf_uuid_url(qf_str(cases[i].name), uuid);
		qf_uuid_format(uuid, text);
		ck_assert_str_eq(text, cases[i].uuid);
	}
}
END_TEST

START_TEST(random_uuids)
{
	uint8_t a[16], b[16];

	qf_uuid_random(a);
	qf_uuid_random(b);
	ck_assert_mem_ne(a, b, 16);
	ck_assert_int_eq(a[6] >> 4, 4);
	ck_assert_int_eq(a[8] >> 6, 2);
}
END_TEST

START_TEST(ids_of_texts)
{
	static const struct {
		const char *text;
		enum qf_id_kind kind;
		uint64_t num;
		const char *json, *plain;
	} cases[] = {
		{ "0", QF_ID_NUM, 0, "0", "0" }, { "42", QF_ID_NUM, 42, "42", "42" },
		{ "18446744073709551615", QF_ID_NUM, UINT64_MAX, "18446744073709551615", "18446744073709551615" },
		{ "18446744073709551616", QF_ID_TEXT, 0, "\"18446744073709551616\"", "18446744073709551616" },
		{ "99999999999999999999", QF_ID_TEXT, 0, "\"99999999999999999999\"", "99999999999999999999" },
		{ "007", QF_ID_TEXT, 0, "\"007\"", "007" }, { "00", QF_ID_TEXT, 0, "\"00\"", "00" },
		{ "-1", QF_ID_TEXT, 0, "\"-1\"", "-1" }, { "+1", QF_ID_TEXT, 0, "\"+1\"", "+1" },
		{ "1.0", QF_ID_TEXT, 0, "\"1.0\"", "1.0" }, { "1e3", QF_ID_TEXT, 0, "\"1e3\"", "1e3" },
		{ " 1", QF_ID_TEXT, 0, "\" 1\"", " 1" }, { "", QF_ID_TEXT, 0, "\"\"", "" },
		{ "a\"b", QF_ID_TEXT, 0, "\"a\\\"b\"", "a\"b" },
		{ "0B1C9F0E4D0A4B6E9A532F6F1F9FFF01", QF_ID_UUID, 0, "\"0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01\"",
		  "0b1c9f0e-4d0a-4b6e-9a53-2f6f1f9fff01" },
	};

	for (size_t i = 0; i < QF_LEN(cases); i++) {
		struct qf_id id = qf_id_of_text(qf_str(cases[i].text));
		QF_AUTO_BUF struct qf_buf json = { 0 }, plain = { 0 };

		ck_assert_msg(id.kind == cases[i].kind, "%s", cases[i].text);
		if (id.kind == QF_ID_NUM)
			ck_assert_uint_eq(id.num, cases[i].num);
		qf_id_write(&json, &id);
		qf_id_text(&plain, &id);
		ck_assert_str_eq(qf_buf_cstr(&json), cases[i].json);
		ck_assert_str_eq(qf_buf_cstr(&plain), cases[i].plain);
	}
}
END_TEST

START_TEST(batches)
{
	struct qf_batch b = { 0 };
	bool keep[1000];

	for (uint64_t i = 0; i < 1000; i++) {
		struct qf_record *rec = qf_batch_add(&b, QF_REC_POINT);

		ck_assert_ptr_null(rec->line.p);
		ck_assert_int_eq(rec->id.kind, QF_ID_NONE);
		rec->id = (struct qf_id){ .kind = QF_ID_NUM, .num = i };
		keep[i] = i % 3 == 0;
	}
	qf_batch_keep(&b, keep);
	ck_assert_uint_eq(b.n, 334);
	for (uint64_t i = 0; i < b.n; i++)
		ck_assert_uint_eq(b.rec[i].id.num, 3 * i);
	qf_batch_reset(&b);
	ck_assert_uint_eq(b.n, 0);
	ck_assert_int_eq(qf_batch_add(&b, QF_REC_DELETE)->id.kind, QF_ID_NONE);
	qf_batch_release(&b);
	ck_assert_ptr_null(b.rec);
}
END_TEST

START_TEST(where)
{
	struct qf_record rec = { .type = QF_REC_POINT, .collection = QF_STR("A") };

	ck_assert_str_eq(qf_record_where(&rec, &arena), "collection 'A'");
	rec.id = qf_id_of_text(QF_STR("42"));
	ck_assert_str_eq(qf_record_where(&rec, &arena), "collection 'A', id 42");
	rec.tenant = QF_STR("");
	rec.line_no = 7;
	ck_assert_str_eq(qf_record_where(&rec, &arena), "collection 'A', tenant '', id 42, line 7");
}
END_TEST

UNIT_MAIN("record", 20, uuid_forms, uuid_every_character, uuid5_in_the_url_namespace, random_uuids,
	  ids_of_texts, batches, where)
