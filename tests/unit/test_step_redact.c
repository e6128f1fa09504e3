/* The step `redact`, and what its patterns find. */
#include "tests/unit/step_kit.h"

#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"
#define EMAIL "redact: {patterns: email, mask: '#'}"
#define PHONE "redact: {patterns: phone, mask: '#'}"
#define CARD "redact: {patterns: card, mask: '#'}"
#define IBAN "redact: {patterns: iban, mask: '#'}"

static const struct step_case cases[] = {
	{ "absent", "redact: [t, a.b]", "{\"x\":1}", "{\"x\":1}" },
	{ "null", "redact: t", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "redact: t", STEP_POINT "1}", STEP_POINT "1}" },
	{ "every type", "redact: [a, b, c, d, e]", "{\"a\":\"\",\"b\":9007199254740993,\"c\":true,\"d\":{\"x\":1},\"e\":[1,[\"x\",null]]}",
	  "{\"a\":\"***\",\"b\":\"***\",\"c\":\"***\",\"d\":\"***\",\"e\":[\"***\",[\"***\",null]]}" },
	{ "the last characters of what is long enough", "redact: {paths: t, keep-last: 2}", "{\"t\":[\"abcd\",\"abc\",\"\",\"äöü€\",12345,true]}",
	  "{\"t\":[\"***cd\",\"***\",\"***\",\"***ü€\",\"***45\",\"***ue\"]}" },
	{ "another mask", "redact: {paths: t, mask: '\xe2\x96\x88\"', keep-last: 1}", "{\"t\":\"abc\"}", "{\"t\":\"\xe2\x96\x88\\\"c\"}" },
	{ "duplicate keys, all of them", "redact: a.t", "{\"a\":{\"t\":\"x\"},\"a\":{\"t\":\"y\",\"t\":\"z\"}}", "{\"a\":{\"t\":\"***\"},\"a\":{\"t\":\"***\",\"t\":\"***\"}}" },
	{ "inside objects of arrays", "redact: p.t", "{\"p\":[{\"t\":\"a\"},{}]}", "{\"p\":[{\"t\":\"***\"},{}]}" },
	{ "names at any depth", "redact: {names: [pw, Mail]}", "{\"PW\":1,\"a\":[{\"mail\":[\"x\",{\"y\":1}],\"m\":\"x\"}],\"p\\u0077\":{\"z\":1}}",
	  "{\"PW\":\"***\",\"a\":[{\"mail\":[\"***\",\"***\"],\"m\":\"x\"}],\"p\\u0077\":\"***\"}" },
	{ "nothing found: its bytes stay", EMAIL, "{ \"t\" : \"\\u0061 @ b\" }", "{ \"t\" : \"\\u0061 @ b\" }" },
	{ "patterns in all texts, not in keys", EMAIL, "{\"a@b.de\":[\"a@b.de\",{\"x\":\"y a@b.de\"}],\"n\":5}", "{\"a@b.de\":[\"#\",{\"x\":\"y #\"}],\"n\":5}" },
	{ "patterns in some texts", "redact: {patterns: email, in: [a, b.c]}", "{\"a\":\"a@b.de\",\"b\":{\"c\":[\"a@b.de\"],\"d\":\"a@b.de\"}}",
	  "{\"a\":\"***\",\"b\":{\"c\":[\"***\"],\"d\":\"a@b.de\"}}" },
	{ "patterns keep the last", "redact: {patterns: [email, card], keep-last: 4}", "{\"t\":\"x: ada@example.org, 4111 1111 1111 1111.\"}",
	  "{\"t\":\"x: ***.org, ***1111.\"}" },
	{ "addresses", EMAIL, "{\"t\":\"<a.b+c@x-y.example.co.uk>, ä@müller.de; o'neil@a.io. mailto:a_b@c.org?x=a@b.com\"}", "{\"t\":\"<#>, #; #. mailto:#?x=#\"}" },
	{ "no addresses", EMAIL, "{\"t\":\"@ a@ @b.de a@b a@b.c a@.de a@b.12 user@localhost\"}", "{\"t\":\"@ a@ @b.de a@b a@b.c a@.de a@b.12 user@localhost\"}" },
	{ "addresses side by side", EMAIL, "{\"t\":\"a@b.de,c@d.de a@b@c.de\"}", "{\"t\":\"#,# a@#\"}" },
	{ "phone numbers", PHONE, "{\"t\":[\"+49 30 1234567\",\"+4930123456\",\"0049 30 123456\",\"004930123456\",\"(030) 123 45 67\",\"030/1234567\",\"0170-1234567\",\"01701234567\",\"(555) 123-4567\",\"555-123-4567\",\"1-555-123-4567\",\"+1 (555) 123.4567\",\"+49 (0)30 123456\",\"tel:+33123456789;x\"]}",
	  "{\"t\":[\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"#\",\"tel:#;x\"]}" },
	{ "a phone number before other numbers", PHONE, "{\"t\":\"+49 30 1234567 2024 2025 2026\"}", "{\"t\":\"# 2025 2026\"}" },
	{ "no phone numbers", PHONE, "{\"t\":[\"31.12.2024\",\"01.02.2024\",\"01/02/24\",\"2024-01-31\",\"12345678901234567890\",\"1234567\",\"0.5\",\"10.0.0.1\",\"3.0123456789\",\"A0123456789\",\"+1\",\"12:30\",\"555-1234\",\"01234567890123\",\"00.00.00\"]}",
	  "{\"t\":[\"31.12.2024\",\"01.02.2024\",\"01/02/24\",\"2024-01-31\",\"12345678901234567890\",\"1234567\",\"0.5\",\"10.0.0.1\",\"3.0123456789\",\"A0123456789\",\"+1\",\"12:30\",\"555-1234\",\"01234567890123\",\"00.00.00\"]}" },
	{ "cards", CARD, "{\"t\":[\"4111111111111111\",\"x 5500-0000-0000-0004 y\",\"3400 000000 00009\",\"12 4111 1111 1111 1111 2024\",4111111111111111,\"6011000990139424,4222222222222\"]}",
	  "{\"t\":[\"#\",\"x # y\",\"#\",\"12 # 2024\",\"#\",\"#,#\"]}" },
	{ "no cards", CARD, "{\"t\":[\"4111111111111112\",\"41111111111111111111111\",\"411111111111\",\"a4111111111111111\",\"4111111111111111a\",9007199254740993,4.111111111111111,\"4111  1111  1111  1111\"]}",
	  "{\"t\":[\"4111111111111112\",\"41111111111111111111111\",\"411111111111\",\"a4111111111111111\",\"4111111111111111a\",9007199254740993,4.111111111111111,\"4111  1111  1111  1111\"]}" },
	{ "IBANs", IBAN, "{\"t\":[\"DE89370400440532013000\",\"IBAN: GB29 NWBK 6016 1331 9268 19 BIC X\",\"no9386011117947\",\"DE89 3704 0044 0532 0130 00 AND MORE\"]}",
	  "{\"t\":[\"#\",\"IBAN: # BIC X\",\"#\",\"# AND MORE\"]}" },
	{ "no IBANs", IBAN, "{\"t\":[\"DE88370400440532013000\",\"XDE89370400440532013000\",\"DE8937040044053201300\",\"AB12\"]}",
	  "{\"t\":[\"DE88370400440532013000\",\"XDE89370400440532013000\",\"DE8937040044053201300\",\"AB12\"]}" },
	{ "an IBAN is not taken for a phone number", "redact: {patterns: [phone, iban], mask: '#'}", "{\"t\":\"DE89 3704 0044 0532 0130 00\"}", "{\"t\":\"#\"}" },
	{ "the schema", "redact: {paths: [a], names: [s]}",
	  SCHEMA("\"a\":{\"type\":\"integer\"},\"b[].S\":{\"type\":\"float\",\"index\":false},\"c\":{\"type\":\"integer\"}"),
	  SCHEMA("\"a\":{\"type\":\"keyword\"},\"b[].S\":{\"type\":\"keyword\",\"index\":false},\"c\":{\"type\":\"integer\"}") },
	{ "nothing asked for", "redact: {mask: x}", "{}",
	  "error: --step '{redact: {mask: x}}':1:2: paths, names or patterns are expected: redact: [email, phone], or redact: "
	  "{names: [password], patterns: [email, card], keep-last: 4, mask: '***'}" },
	{ "no such pattern", "redact: {patterns: [mail]}", "{}",
	  "error: --step '{redact: {patterns: [mail]}}':1:2: patterns: 'mail' is none of email, phone, card, iban" },
	{ "in without patterns", "redact: {names: [x], in: [a]}", "{}",
	  "error: --step '{redact: {names: [x], in: [a]}}':1:23: 'in' says where patterns are looked for, but there are none" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* Texts made to be slow: the time grows with their length, not with its square. */
START_TEST(long_texts)
{
	static const char *const units[] = { "a", "a@", "0 ", "+0", "4111 ", "DE89 ", "a.", "(0", "@a." };

	for (size_t i = 0; i < QF_LEN(units); i++) {
		struct qf_buf in = { 0 };
		struct step_case k = { .name = units[i], .steps = "redact: {patterns: [email, phone, card, iban]}", .out = "" };

		QF_BUF_LIT(&in, "{\"t\":\"");
		for (int n = 0; n < 500000; n++)
			qf_buf_puts(&in, units[i]);
		QF_BUF_LIT(&in, "\"}");
		k.in = qf_buf_cstr(&in);
		free(step_differs(&k));
		qf_buf_release(&in);
	}
}
END_TEST

UNIT_MAIN("step redact", 30, table, long_texts)
