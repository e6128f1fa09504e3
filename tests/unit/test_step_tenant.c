/* The step `tenant`. */
#include "tests/unit/step_kit.h"

#define T(tenant, id, payload) \
	"{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"" tenant "\",\"id\":" id ",\"payload\":" payload "}"
#define L(payload) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" payload "}}"
#define TO "tenant: {to: c}"
#define FROM "tenant: {from: c}"
#define OF(tenant) "error: step 1 (tenant): collection 'A', tenant '" tenant "', id 1, line 1: "
#define AT "error: step 1 (tenant): collection 'A', id 1, line 1: "

static const struct step_case cases[] = {
	{ "to: last key", TO, T("acme", "1", "{\"a\":1}"), T("acme", "1", "{\"a\":1,\"c\":\"acme\"}") },
	{ "to: no tenant", TO, "{\"a\":1}\n{\"c\":5}", "{\"a\":1}\n{\"c\":5}" },
	{ "to: the empty tenant is one", TO, T("", "1", "{}"), T("", "1", "{\"c\":\"\"}") },
	{ "to: no payload", TO, "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":1}", T("t", "1", "{\"c\":\"t\"}") },
	{ "to: null is replaced", TO, T("t", "1", "{\"c\":null,\"a\":1}"), T("t", "1", "{\"c\":\"t\",\"a\":1}") },
	{ "to: the same stays", TO, T("t", "1", "{\"c\":\"\\u0074\"}"), T("t", "1", "{\"c\":\"\\u0074\"}") },
	{ "to: another value", TO, T("t", "1", "{\"c\":\"u\"}"),
	  OF("t") "'c' holds \"u\" already, where the tenant \"t\" would go; rename or drop it before" },
	{ "to: another type", TO, T("7", "1", "{\"c\":7}"),
	  OF("7") "'c' holds 7 already, where the tenant \"7\" would go; rename or drop it before" },
	{ "to: unicode", TO, T("K\xc3\xb6ln \\\"x\\\"", "1", "{}"), T("K\xc3\xb6ln \\\"x\\\"", "1", "{\"c\":\"K\xc3\xb6ln \\\"x\\\"\"}") },
	{ "to: nested", "tenant: {to: m.c}", T("t", "1", "{\"m\":{\"x\":9007199254740993}}"),
	  T("t", "1", "{\"m\":{\"x\":9007199254740993,\"c\":\"t\"}}") },
	{ "to: a scalar in the way", "tenant: {to: m.c}", T("t", "1", "{\"m\":1}"), OF("t") "'m.c' cannot be set, for 'm' is a number" },
	{ "to: the schema", TO, L("\"a\":{\"type\":\"text\"}"), L("\"a\":{\"type\":\"text\"},\"c\":{\"type\":\"keyword\",\"is_tenant\":true}") },
	{ "to: a schema of another type", TO, L("\"c\":{\"type\":\"text\",\"tokenizer\":\"word\"}"),
	  L("\"c\":{\"type\":\"keyword\",\"is_tenant\":true}") },
	{ "to: a schema that has it", TO, L("\"c\":{\"type\":\"keyword\",\"is_tenant\":true}"), L("\"c\":{\"type\":\"keyword\",\"is_tenant\":true}") },
	{ "to: all else passes", TO, "{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":1}\nscope A/t",
	  "{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":1}\nscope A/t 0" },
	{ "from: a text", FROM, "{\"c\":\"t\"}", T("t", "1", "{\"c\":\"t\"}") },
	{ "from: absent and null", FROM, "{}\n{\"c\":null}", "{}\n{\"c\":null}" },
	{ "from: no payload", FROM, STEP_POINT "1}", STEP_POINT "1}" },
	{ "from: an empty text is a tenant", FROM, "{\"c\":\"\"}", T("", "1", "{\"c\":\"\"}") },
	{ "from: integers", FROM, "{\"c\":9007199254740993}\n{\"c\":5.0}\n{\"c\":-1}",
	  T("9007199254740993", "1", "{\"c\":9007199254740993}") "\n" T("5", "2", "{\"c\":5.0}") "\n" T("-1", "3", "{\"c\":-1}") },
	{ "from: a fraction", FROM, "{\"c\":5.5}", AT "'c' is 5.5, and a tenant is a text or a 64-bit integer" },
	{ "from: huge", FROM, "{\"c\":18446744073709551615}", AT "'c' is 18446744073709551615, and a tenant is a text or a 64-bit integer" },
	{ "from: true", FROM, "{\"c\":true}", AT "'c' is true, and a tenant is a text or a 64-bit integer" },
	{ "from: a list", FROM, "{\"c\":[\"t\"]}", AT "'c' is [\"t\"], and a tenant is a text or a 64-bit integer" },
	{ "from: of a list the first", "tenant: {from: 'c[]'}", "{\"c\":[\"t\",\"u\"]}", T("t", "1", "{\"c\":[\"t\",\"u\"]}") },
	{ "from: another tenant", FROM, T("t", "1", "{\"c\":\"u\"}"), OF("t") "'c' names the tenant \"u\", but the point is of tenant \"t\"" },
	{ "from: the same tenant", FROM, T("t", "1", "{\"c\":\"\\u0074\"}"), T("t", "1", "{\"c\":\"\\u0074\"}") },
	{ "from: unicode", FROM, "{\"c\":\"K\\u00f6ln\"}", T("K\xc3\xb6ln", "1", "{\"c\":\"K\\u00f6ln\"}") },
	{ "from: the schema", FROM, L("") "\n" L("\"c\":{\"type\":\"keyword\"}") "\n" L("\"c\":{\"type\":\"uuid\"}") "\n" L("\"c\":{\"type\":\"integer\"}"),
	  L("\"c\":{\"type\":\"keyword\",\"is_tenant\":true}") "\n" L("\"c\":{\"type\":\"keyword\",\"is_tenant\":true}") "\n"
	  L("\"c\":{\"type\":\"uuid\",\"is_tenant\":true}") "\n" L("\"c\":{\"type\":\"integer\"}") },
	{ "from: each tenant gets the statement", FROM,
	  "{\"c\":\"t\"}\n{\"c\":\"u\"}\n{\"c\":\"t\"}\n{\"type\":\"point\",\"collection\":\"B\",\"id\":4,\"payload\":{\"c\":\"v\"}}\n"
	  "scope A limit 5\nscope B",
	  T("t", "1", "{\"c\":\"t\"}") "\n" T("u", "2", "{\"c\":\"u\"}") "\n" T("t", "3", "{\"c\":\"t\"}") "\n"
	  "{\"type\":\"point\",\"collection\":\"B\",\"tenant\":\"v\",\"id\":4,\"payload\":{\"c\":\"v\"}}\n"
	  "scope A 0 limit 5\nscope A/t 0 limit 5\nscope A/u 0 limit 5\nscope B 0\nscope B/v 0" },
	/* uuid.uuid5(uuid.NAMESPACE_URL, "acme|1") */
	{ "from: ids of their own", FROM "\nid: tenant-hash", "{\"c\":\"acme\"}",
	  T("acme", "\"0fb96ff3-fd80-5458-ac62-05415ea80e91\"", "{\"c\":\"acme\",\"_id\":\"1\"}") },
	{ "both", "tenant: {to: c, from: d}", "{}",
	  "error: --step '{tenant: {to: c, from: d}}':1:2: either 'to' or 'from' is expected: tenant: {from: customer}, or tenant: {to: "
	  "customer}" },
	{ "neither", "tenant: {}", "{}",
	  "error: --step '{tenant: {}}':1:2: either 'to' or 'from' is expected: tenant: {from: customer}, or tenant: {to: customer}" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step tenant", 60, table)
