/* The step `date`, and the calendar below it. */
#include "tests/unit/step_kit.h"
#include "tools/transform/date.h"

#define REFUSED "error: step 1 (date): collection 'A', id 1, line 1: "
#define NO_FORM "it is in none of the known forms; a pattern such as \"%d.%m.%Y\" may name its own"
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "date: [d, a.b]", "{\"x\":1}", "{\"x\":1}" },
	{ "null", "date: d", "{\"d\":null}", "{\"d\":null}" },
	{ "no payload", "date: d", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty", "date: d", "{\"d\":\"\"}", REFUSED "'d': \"\" is no date: " NO_FORM },
	{ "an object", "date: d", "{\"d\":{}}", REFUSED "'d': an object is no date: {}" },
	{ "a boolean", "date: d", "{\"d\":true}", REFUSED "'d': a boolean is no date: true" },
	{ "nested arrays", "date: d", "{\"d\":[\"2024-01-01\",[0,[null]]]}",
	  "{\"d\":[\"2024-01-01T00:00:00Z\",[\"1970-01-01T00:00:00Z\",[null]]]}" },
	{ "of duplicate keys the last", "date: d", "{\"d\":0,\"d\":0}", "{\"d\":0,\"d\":\"1970-01-01T00:00:00Z\"}" },
	{ "canonical already: its bytes stay", "date: d", "{ \"d\" : \"2024-01-31T11:00:00.123456789\\u005a\" }",
	  "{ \"d\" : \"2024-01-31T11:00:00.123456789\\u005a\" }" },
	{ "ISO and its kin", "date: d",
	  "{\"d\":[\"2024-02-29T12:00:00Z\",\"2024-02-29t12:00z\",\"2024-02-29 12:00:00,25\",\"20240229\",\"20240229T120000Z\","
	  "\"20240229120000\",\"20240229T1200+0100\",\"2024-02-29T12:00:00.1234567891+02\",\" 2024-02-29T12:00:00 UTC\\n\",\"2024-02-29 12:00:00 -03:30\"]}",
	  "{\"d\":[\"2024-02-29T12:00:00Z\",\"2024-02-29T12:00:00Z\",\"2024-02-29T12:00:00.25Z\",\"2024-02-29T00:00:00Z\",\"2024-02-29T12:00:00Z\","
	  "\"2024-02-29T12:00:00Z\",\"2024-02-29T11:00:00Z\",\"2024-02-29T10:00:00.123456789Z\",\"2024-02-29T12:00:00Z\",\"2024-02-29T15:30:00Z\"]}" },
	{ "mail, HTTP, C", "date: d",
	  "{\"d\":[\"Sun, 06 Nov 1994 08:49:37 GMT\",\"Sunday, 06-Nov-94 08:49:37 GMT\",\"Sun Nov  6 08:49:37 1994\",\"6 november 1994 08:49:37 +0100\"]}",
	  "{\"d\":[\"1994-11-06T08:49:37Z\",\"1994-11-06T08:49:37Z\",\"1994-11-06T08:49:37Z\",\"1994-11-06T07:49:37Z\"]}" },
	{ "epochs by size", "date: d",
	  "{\"d\":[1706698800,1706698800123,1706698800123456,1706698800123456789,-1,1706698800.5,17066988e2,-0.5,\"1706698800\",\"1706698800123\"]}",
	  "{\"d\":[\"2024-01-31T11:00:00Z\",\"2024-01-31T11:00:00.123Z\",\"2024-01-31T11:00:00.123456Z\",\"2024-01-31T11:00:00.123456789Z\","
	  "\"1969-12-31T23:59:59Z\",\"2024-01-31T11:00:00.5Z\",\"2024-01-31T11:00:00Z\",\"1969-12-31T23:59:59.5Z\",\"2024-01-31T11:00:00Z\",\"2024-01-31T11:00:00.123Z\"]}" },
	{ "epochs by unit", "date: {s: epoch-s, ms: epoch-ms, us: epoch-us, ns: epoch-ns}",
	  "{\"s\":[86400,\"-86400.25\"],\"ms\":[1,-1,1.5],\"us\":[9007199254740993,1],\"ns\":[9007199254740993,\"1\"]}",
	  "{\"s\":[\"1970-01-02T00:00:00Z\",\"1969-12-30T23:59:59.75Z\"],\"ms\":[\"1970-01-01T00:00:00.001Z\",\"1969-12-31T23:59:59.999Z\",\"1970-01-01T00:00:00.0015Z\"],"
	  "\"us\":[\"2255-06-05T23:47:34.740993Z\",\"1970-01-01T00:00:00.000001Z\"],\"ns\":[\"1970-04-15T05:59:59.254740993Z\",\"1970-01-01T00:00:00.000000001Z\"]}" },
	{ "patterns", "date: {d: {from: ['%d/%m/%Y %I:%M %p', '%B %d, %Y', '%Y', '%y%j', '%s']}}",
	  "{\"d\":[\"31/01/2024 12:05 am\",\"31/01/2024 12:05 PM\",\"february 9, 2024\",\"2023\",\"24366\",\"-7\"]}",
	  "{\"d\":[\"2024-01-31T00:05:00Z\",\"2024-01-31T12:05:00Z\",\"2024-02-09T00:00:00Z\",\"2023-01-01T00:00:00Z\",\"2024-12-31T00:00:00Z\",\"1969-12-31T23:59:53Z\"]}" },
	{ "a pattern for a number", "date: {d: '%Y%m%d'}", "{\"d\":20240131}", "{\"d\":\"2024-01-31T00:00:00Z\"}" },
	{ "a zone where none is named", "date: {d: {zone: '+05:30'}}", "{\"d\":[\"2024-01-01\",\"2024-01-01T00:00Z\"]}",
	  "{\"d\":[\"2023-12-31T18:30:00Z\",\"2024-01-01T00:00:00Z\"]}" },
	{ "a leap second is the next one", "date: d", "{\"d\":\"2016-12-31T23:59:60Z\"}", "{\"d\":\"2017-01-01T00:00:00Z\"}" },
	{ "the ends of the calendar", "date: d", "{\"d\":[\"0000-01-01\",\"9999-12-31T23:59:59.999999999Z\",\"1900-03-01\"]}",
	  "{\"d\":[\"0000-01-01T00:00:00Z\",\"9999-12-31T23:59:59.999999999Z\",\"1900-03-01T00:00:00Z\"]}" },
	{ "before the year 0", "date: d", "{\"d\":\"0000-01-01T00:00:00+00:01\"}",
	  REFUSED "'d': \"0000-01-01T00:00:00+00:01\" is no date: it is beyond the years 0 to 9999" },
	{ "huge numbers", "date: {d: epoch-s}", "{\"d\":1e400}", REFUSED "'d': 1e400 is no date: it is beyond the years 0 to 9999" },
	{ "2^64", "date: {d: epoch-ms}", "{\"d\":18446744073709551616}",
	  REFUSED "'d': 18446744073709551616 is no date: it is beyond the years 0 to 9999" },
	{ "no leap year", "date: d", "{\"d\":\"1900-02-29\"}", REFUSED "'d': \"1900-02-29\" is no date: there is no such day" },
	{ "no such hour", "date: d", "{\"d\":\"2024-01-01T24:00:00Z\"}",
	  REFUSED "'d': \"2024-01-01T24:00:00Z\" is no date: there is no such time of the day" },
	{ "ambiguous or no date: null", "date: {d: {on-error: null}}",
	  "{\"d\":[\"01/02/2024\",\"2024\",\"2024-1-1\",\"today\",\"2024-01-01T\",\"2024-01-01T12\",\"2024-01-01T12:00:00.Z\",\"2024-01-01x\",\"2024-01-01T12:00+25:00\",\"٢٠٢٤-01-01\",\"12345\"]}",
	  "{\"d\":[null,null,null,null,null,null,null,null,null,null,null]}" },
	{ "kept", "date: {d: {on-error: keep}}", "{\"d\":[\"soon\",0]}", "{\"d\":[\"soon\",\"1970-01-01T00:00:00Z\"]}" },
	{ "none of several", "date: {d: {from: [epoch-s, '%d.%m.%Y']}}", "{\"d\":\"x\"}",
	  REFUSED "'d': \"x\" is no date: it fits none of the forms" },
	{ "the schema", "date: [d, e]", SCHEMA("\"d\":{\"type\":\"keyword\"},\"e\":{\"type\":\"unknown\"}"),
	  SCHEMA("\"d\":{\"type\":\"datetime\"},\"e\":{\"type\":\"datetime\",\"index\":false}") },
	{ "no such form", "date: {d: epoch-m}", "{}",
	  "error: --step '{date: {d: epoch-m}}':1:9: 'epoch-m' is no form of dates, did you mean epoch-s; use auto, epoch-s, epoch-ms, epoch-us, "
	  "epoch-ns, or a pattern such as '%d.%m.%Y'" },
	{ "no such letter", "date: {d: '%d.%q'}", "{}", "error: --step '{date: {d: '%d.%q'}}':1:9: '%d.%q': there is no %q in patterns" },
	{ "no year", "date: {d: '%d.%m'}", "{}",
	  "error: --step '{date: {d: '%d.%m'}}':1:9: '%d.%m' says nothing of the year (%Y, %y) and is no epoch (%s)" },
	{ "no such zone", "date: {d: {zone: Europe/Berlin}}", "{}",
	  "error: --step '{date: {d: {zone: Europe/Berlin}}}':1:9: zone: 'Europe/Berlin' is no zone; use UTC, or an offset such as '+01:00'" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

/* Every day of a whole cycle of leap years, and of both ends, comes back as the day after the one before. */
static size_t check_days(int64_t from, int64_t to)
{
	int last_day = 0;
	size_t firsts = 0;

	for (int64_t day = from; day < to; day++) {
		struct qf_time t = { .seconds = day * 86400 + 86399 }, back;
		char text[QF_TIME_TEXT];
		const char *why;
		int this_day;

		qf_time_format(&t, text);
		ck_assert_msg(qf_time_parse(qf_str(text), 0, &back, &why) == 0, "%s: %s", text, why);
		ck_assert_int_eq(back.seconds, t.seconds);
		this_day = 10 * (text[8] - '0') + text[9] - '0';
		ck_assert_msg(this_day == last_day + 1 || this_day == 1, "%s", text);
		firsts += this_day == 1;
		last_day = this_day;
	}
	return firsts;
}

START_TEST(calendar)
{
	struct qf_time last = { .seconds = 253402300799 };
	char text[QF_TIME_TEXT];

	ck_assert_uint_eq(check_days(-62091, -62091 + 146097), 4800);
	ck_assert_uint_eq(check_days(-719528, -719528 + 366), 12);
	ck_assert_uint_eq(check_days(2932897 - 365, 2932897), 12);
	qf_time_format(&last, text);
	ck_assert_str_eq(text, "9999-12-31T23:59:59Z");
}
END_TEST

UNIT_MAIN("step date", 60, table, calendar)
