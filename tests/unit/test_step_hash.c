/* The step `hash`; digests are those of Python's hashlib and hmac, and of xxhsum. */
#include "tests/unit/step_kit.h"

#define REFUSED "error: step 1 (hash): collection 'A', id 1, line 1: "
#define SCHEMA(fields) "{\"type\":\"collection\",\"name\":\"A\",\"payload\":{" fields "}}"

static const struct step_case cases[] = {
	{ "absent", "hash: [t, a.b]", "{\"x\":1}", "{\"x\":1}" },
	{ "null", "hash: t", "{\"t\":null}", "{\"t\":null}" },
	{ "no payload", "hash: t", STEP_POINT "1}", STEP_POINT "1}" },
	{ "empty", "hash: t", "{\"t\":\"\"}", "{\"t\":\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\"}" },
	{ "unicode, whatever its escapes", "hash: [t, u]", "{\"t\":\"\\u00e4\\ud83d\\ude00\",\"u\":\"ä\xf0\x9f\x98\x80\"}",
	  "{\"t\":\"41cdb6f90a10b81f7bb0b8654e469a8866b8d24988d1bb2706dadc3641a8db3b\",\"u\":\"41cdb6f90a10b81f7bb0b8654e469a8866b8d24988d1bb2706dadc3641a8db3b\"}" },
	{ "a NUL is hashed too", "hash: {paths: t, by: md5}", "{\"t\":\"a\\u0000b\"}", "{\"t\":\"70350f6027bce3713f6b76473084309b\"}" },
	{ "digits as written", "hash: {paths: t, by: md5}", "{\"t\":[9007199254740993,5.0,5,true,\"true\"]}",
	  "{\"t\":[\"322d1e02970a2deaaf671adaf4e026c7\",\"336669dbe720233ed5577ddf81b653d3\",\"e4da3b7fbbce2345d7772b0674a318d5\",\"b326b5062b2f0e69046810717534cb09\",\"b326b5062b2f0e69046810717534cb09\"]}" },
	{ "nested arrays", "hash: {paths: t, by: md5}", "{\"t\":[[\"a\"],[null,[\"b\"]]]}", "{\"t\":[[\"0cc175b9c0f1b6a831c399e269772661\"],[null,[\"92eb5ffee6ae2fec3ad71c777531578f\"]]]}" },
	{ "duplicate keys, all of them", "hash: {paths: a.t, by: md5}", "{\"a\":{\"t\":\"a\"},\"a\":{\"t\":\"a\",\"t\":\"b\"}}",
	  "{\"a\":{\"t\":\"0cc175b9c0f1b6a831c399e269772661\"},\"a\":{\"t\":\"0cc175b9c0f1b6a831c399e269772661\",\"t\":\"92eb5ffee6ae2fec3ad71c777531578f\"}}" },
	{ "inside objects of arrays", "hash: {paths: p.t, by: md5}", "{\"p\":[{\"t\":\"a\"},{}]}", "{\"p\":[{\"t\":\"0cc175b9c0f1b6a831c399e269772661\"},{}]}" },
	{ "an object", "hash: t", "{\"t\":{\"a\":\"secret\"}}", REFUSED "'t': an object cannot be hashed; name the properties in it" },
	{ "xxh3 and xxh128", "hash: {paths: t, by: xxh3}\nhash: {paths: u, by: xxh128}", "{\"t\":\"abc\",\"u\":\"abc\"}",
	  "{\"t\":\"78af5f94892f3950\",\"u\":\"06b05ab6733a618578af5f94892f3950\"}" },
	{ "with a key", "hash: {paths: t, key-from: FORTRESS_TEST_KEY}\nhash: {paths: u, by: md5, key-from: FORTRESS_TEST_KEY}",
	  "{\"t\":\"abc\",\"u\":\"abc\"}", "{\"t\":\"ce96ccb64c068be7ada330bbfc73f9e2570e2da33cb4a0ab3d94cbe87596e38e\",\"u\":\"29ee840033742a333f6e8546a16ed412\"}" },
	{ "the schema", "hash: [t, u, v]", SCHEMA("\"t\":{\"type\":\"integer\"},\"u\":{\"type\":\"uuid\"},\"v\":{\"type\":\"text\",\"index\":false}"),
	  SCHEMA("\"t\":{\"type\":\"keyword\"},\"u\":{\"type\":\"keyword\"},\"v\":{\"type\":\"text\",\"index\":false}") },
	{ "no such key", "hash: {paths: t, key-from: FORTRESS_TEST_NO_KEY}", "{}",
	  "error: --step '{hash: {paths: t, key-from: FORTRESS_TEST_NO_KEY}}':1:2: key-from: set the variable FORTRESS_TEST_NO_KEY, or "
	  "FORTRESS_TEST_NO_KEY_FILE to a file that holds the key" },
	{ "a key for what keeps no secrets", "hash: {paths: t, by: xxh3, key-from: FORTRESS_TEST_KEY}", "{}",
	  "error: --step '{hash: {paths: t, by: xxh3, key-from: FORTRESS_TEST_KEY}}':1:2: xxh3 and xxh128 keep no secrets, so a key is of "
	  "no use; take sha256" },
};

START_TEST(table)
{
	setenv("FORTRESS_TEST_KEY", "k\xc3\xa4y", 1);
	step_table(cases, QF_LEN(cases));
}
END_TEST

UNIT_MAIN("step hash", 60, table)
