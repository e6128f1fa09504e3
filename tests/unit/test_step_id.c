/* The step `id`; UUIDs are those of Python's uuid.uuid5. The words keep, uuid5 and tenant-hash: test_steps.c. */
#include "tests/unit/step_kit.h"

#define POINT(id, payload) "{\"type\":\"point\",\"collection\":\"A\",\"id\":" id ",\"payload\":" payload "}"
#define B_POINT(id, payload) "{\"type\":\"point\",\"collection\":\"B\",\"id\":" id ",\"payload\":" payload "}"
#define REFUSED "error: step 1 (id): collection 'A', id k, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"
#define USAGE "id: keep | uuid5 | tenant-hash, or id: {uuid5: [isbn, edition], namespace: url, key: _id}, or id: {integer: number}"

static const struct step_case cases[] = {
	/* uuid5(NAMESPACE_URL, ..) of "x", "ä\U0001f600", "9007199254740993", "5" and "true" */
	{ "one property", "id: {uuid5: a}", POINT("1", "{\"a\":\"x\"}"), POINT("\"4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4\"", "{\"a\":\"x\",\"_id\":\"1\"}") },
	{ "unicode, whatever its escapes", "id: {uuid5: a}", POINT("1", "{\"a\":\"\\u00e4\\ud83d\\ude00\"}"),
	  POINT("\"c44f54f4-1fc8-56b4-b9f7-54e2e5c70859\"", "{\"a\":\"\\u00e4\\ud83d\\ude00\",\"_id\":\"1\"}") },
	{ "2^53+1", "id: {uuid5: a}", POINT("1", "{\"a\":9007199254740993}"), POINT("\"14faa7de-9a99-5d33-a1f5-be26f83ad877\"", "{\"a\":9007199254740993,\"_id\":\"1\"}") },
	{ "a whole number, however written", "id: {uuid5: a}", POINT("1", "{\"a\":5.0}"), POINT("\"afca48e9-59ea-5a28-b8a4-88e0cc6eda1c\"", "{\"a\":5.0,\"_id\":\"1\"}") },
	{ "a fraction as written", "id: {uuid5: a}", POINT("1", "{\"a\":0.50}"), POINT("\"4896452c-904b-516e-a38c-f993178efac2\"", "{\"a\":0.50,\"_id\":\"1\"}") },
	{ "a boolean", "id: {uuid5: a}", POINT("1", "{\"a\":true}"), POINT("\"9cb261ba-0d48-50e4-afda-63304dd43c3d\"", "{\"a\":true,\"_id\":\"1\"}") },
	{ "an empty text", "id: {uuid5: a}", POINT("1", "{\"a\":\"\"}"), POINT("\"1b4db7eb-4057-5ddf-91e0-36dec72071f5\"", "{\"a\":\"\",\"_id\":\"1\"}") },
	{ "several", "id: {uuid5: [a, b.c, '@id']}", POINT("\"k\"", "{\"a\":\"x\",\"b\":{\"c\":2}}"),
	  POINT("\"b229ab7f-4ed7-5ee2-a55e-7f48a1d8127f\"", "{\"a\":\"x\",\"b\":{\"c\":2},\"_id\":\"k\"}") },
	{ "bars inside cannot be taken for those between", "id: {uuid5: [a, b]}", POINT("1", "{\"a\":\"x|y\",\"b\":\"\\\\z\"}") "\n" POINT("1", "{\"a\":\"x\",\"b\":\"y|\\\\z\"}"),
	  POINT("\"b51ffbd4-2135-52a5-802f-1eb795f1cd7c\"", "{\"a\":\"x|y\",\"b\":\"\\\\z\",\"_id\":\"1\"}") "\n" POINT("\"738cdf97-b5e1-5fdc-b230-8b7c5ae4c8ec\"", "{\"a\":\"x\",\"b\":\"y|\\\\z\",\"_id\":\"1\"}") },
	{ "one alone is taken as it is", "id: {uuid5: a}", POINT("1", "{\"a\":\"x|y\"}"), POINT("\"688b327b-5128-5a8e-aa1e-77405fe9751c\"", "{\"a\":\"x|y\",\"_id\":\"1\"}") },
	{ "a namespace by name", "id: {uuid5: a, namespace: dns}", POINT("1", "{\"a\":\"example.org\"}"), POINT("\"aad03681-8b63-5304-89e0-8ca8f49461b5\"", "{\"a\":\"example.org\",\"_id\":\"1\"}") },
	{ "a namespace of one's own, for keys too", "id: {by: uuid5, namespace: 00112233-4455-6677-8899-aabbccddeeff}", POINT("\"k\"", "{}"), POINT("\"f56f10d9-51e3-5709-8dd5-6530173af212\"", "{\"_id\":\"k\"}") },
	{ "fields alone: deletes too", "id: {uuid5: ['@tenant', '@id']}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":7,\"payload\":{\"n\":1 }}\n{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":7}",
	  "{\"type\":\"point\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":\"3819a023-5d60-5565-a873-cdeafd557846\",\"payload\":{\"n\":1,\"_id\":\"7\"}}\n{\"type\":\"delete\",\"collection\":\"A\",\"tenant\":\"t\",\"id\":\"3819a023-5d60-5565-a873-cdeafd557846\"}" },
	{ "a delete, but ids of properties", "id: {uuid5: ['@id', a]}", "{\"type\":\"delete\",\"collection\":\"A\",\"id\":7}",
	  "error: step 1 (id): collection 'A', id 7, line 1: a delete tells the source's key alone, but ids are made of 'a', so which point goes cannot be "
	  "told; make ids of @id (id: uuid5), or load a full stream into a fresh collection" },
	{ "absent", "id: {uuid5: [a, b]}", POINT("\"k\"", "{\"a\":1}"), REFUSED "'b' is not there, and the id is to be made of it" },
	{ "null", "id: {uuid5: a}", POINT("\"k\"", "{\"a\":null}"), REFUSED "'a' is null, and the id is to be made of it" },
	{ "no payload", "id: {uuid5: a}", "{\"type\":\"point\",\"collection\":\"A\",\"id\":\"k\"}", REFUSED "'a' is not there, and the id is to be made of it" },
	{ "an array", "id: {uuid5: a}", POINT("\"k\"", "{\"a\":[1,[2]]}"), REFUSED "'a': no id can be made of an array: [1,[2]]" },
	{ "an object", "id: {uuid5: a}", POINT("\"k\"", "{\"a\":{}}"), REFUSED "'a': no id can be made of an object: {}" },
	{ "of duplicate keys the last", "id: {uuid5: a}", POINT("1", "{\"a\":\"y\",\"a\":\"x\"}"), POINT("\"4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4\"", "{\"a\":\"y\",\"a\":\"x\",\"_id\":\"1\"}") },

	{ "integers", "id: {integer: a}", B_POINT("\"k\"", "{\"a\":18446744073709551615}") "\n" B_POINT("\"k\"", "{\"a\":\"9007199254740993\"}") "\n" B_POINT("\"k\"", "{\"a\":5.0}") "\n" B_POINT("\"k\"", "{\"a\":\"0\"}"),
	  B_POINT("18446744073709551615", "{\"a\":18446744073709551615,\"_id\":\"k\"}") "\n" B_POINT("9007199254740993", "{\"a\":\"9007199254740993\",\"_id\":\"k\"}") "\n" B_POINT("5", "{\"a\":5.0,\"_id\":\"k\"}") "\n" B_POINT("0", "{\"a\":\"0\",\"_id\":\"k\"}") },
	{ "the key is the integer already", "id: {integer: a}", "{\"type\":\"point\", \"collection\":\"B\",\"id\":5,\"payload\":{\"a\":5}}", "{\"type\":\"point\", \"collection\":\"B\",\"id\":5,\"payload\":{\"a\":5}}" },
	{ "integers of keys: deletes too", "id: {integer: '@id'}", "{\"type\":\"delete\",\"collection\":\"A\",\"id\":7}", "{\"type\":\"delete\",\"collection\":\"A\",\"id\":7}" },
	{ "a text that is none", "id: {integer: a}", POINT("\"k\"", "{\"a\":\"x\\n\"}"), REFUSED "'a': \"x\\n\" is no whole number from 0 to 2^64-1 without leading zeros" },
	{ "leading zeros would make two keys one", "id: {integer: a}", POINT("\"k\"", "{\"a\":\"007\"}"), REFUSED "'a': \"007\" is no whole number from 0 to 2^64-1 without leading zeros" },
	{ "below zero", "id: {integer: a}", POINT("\"k\"", "{\"a\":-1}"), REFUSED "'a': -1 is no whole number from 0 to 2^64-1 without leading zeros" },
	{ "a fraction", "id: {integer: a}", POINT("\"k\"", "{\"a\":1.5}"), REFUSED "'a': 1.5 is no whole number from 0 to 2^64-1 without leading zeros" },
	{ "2^64", "id: {integer: a}", POINT("\"k\"", "{\"a\":18446744073709551616}"), REFUSED "'a': 18446744073709551616 is no whole number from 0 to 2^64-1 without leading zeros" },
	{ "null is no integer", "id: {integer: a}", POINT("\"k\"", "{\"a\":null}"), REFUSED "'a': null is no whole number from 0 to 2^64-1 without leading zeros" },
	{ "a key that is none", "id: {integer: '@id'}", POINT("\"k\"", "{}"), REFUSED "'@id': \"k\" is no whole number from 0 to 2^64-1 without leading zeros" },

	{ "another name for the key", "id: {by: uuid5, key: 'my \"key\"'}", POINT("\"x\"", "{\"_id\":1}"), POINT("\"4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4\"", "{\"_id\":1,\"my \\\"key\\\"\":\"x\"}") },
	{ "the name is taken, as bytes", "id: {by: uuid5, key: k}", POINT("\"k\"", "{\"\\u006b\":1}"),
	  REFUSED "the payload has 'k' already, where the source's key would go; was an id step applied before? Else rename it first: rename: {k: source_id}" },
	{ "the name is taken, as a tree", "set: {b: 1}\nid: {by: uuid5}", POINT("\"k\"", "{\"_id\":1}"),
	  "error: step 2 (id): collection 'A', id k, line 1: the payload has '_id' already, where the source's key would go; was an id step applied before? Else rename it first: rename: {_id: source_id}" },
	{ "behind a step that reads the payload", "set: {b: 1}\nid: uuid5\nset: {c: 2}", POINT("\"x\"", "{\"a\":5.00}"), POINT("\"4cd605e7-afa2-5360-b5b9-c5e9fb5c76f4\"", "{\"a\":5.00,\"b\":1,\"_id\":\"x\",\"c\":2}") },
	{ "the schema", "id: {uuid5: a}", SCHEMA("\"a\":{\"type\":\"uuid\"}"), SCHEMA("\"a\":{\"type\":\"uuid\"},\"_id\":{\"type\":\"keyword\"}") },
	{ "the schema, a name with a dot", "id: {integer: a, key: x.y}", SCHEMA("\"x\":{\"type\":\"uuid\"}"), SCHEMA("\"x\":{\"type\":\"uuid\"},\"\\\"x.y\\\"\":{\"type\":\"keyword\"}") },
	{ "two ways at once", "id: {uuid5: a, integer: b}", "{}", "error: --step '{id: {uuid5: a, integer: b}}':1:2: one of by, uuid5 and integer is expected: " USAGE },
	{ "none", "id: {key: a}", "{}", "error: --step '{id: {key: a}}':1:2: one of by, uuid5 and integer is expected: " USAGE },
	{ "no such namespace", "id: {uuid5: a, namespace: urn}", "{}", "error: --step '{id: {uuid5: a, namespace: urn}}':1:17: namespace: 'urn' is none of url, dns, oid and x500, and no UUID" },
	{ "no such field", "id: {uuid5: '@key'}", "{}", "error: --step '{id: {uuid5: '@key'}}':1:7: '@key': there are @id, @tenant and @collection" },
};

START_TEST(table)
{
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step id", 60, table)
