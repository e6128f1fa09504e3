#include <stdio.h>
#include <time.h>
#include <xxhash.h>

#include "common/data/stream.h"

static struct qf_str settings_hash(struct qf_arena *arena, struct qf_str settings)
{
	XXH128_hash_t h = XXH3_128bits(settings.p, settings.n);

	return qf_arena_printf(arena, "%016llx%016llx", (unsigned long long)h.high64,
			       (unsigned long long)h.low64);
}

struct qf_json *qf_header_new(struct qf_arena *arena, const char *run, const char *kind,
			      const char *url, const char *server, struct qf_str settings,
			      enum qf_vector_text vectors)
{
	struct qf_json *doc = qf_json_new(arena, QF_JSON_OBJECT), *source;
	char uuid[37], when[32];
	time_t now = time(NULL);
	struct tm tm;

	if (!run) {
		uint8_t id[16];

		qf_uuid_random(id);
		qf_uuid_format(id, uuid);
		run = uuid;
	}
	gmtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
	qf_json_add_cstr(arena, doc, "type", "stream");
	qf_json_add_int(arena, doc, "version", 1);
	qf_json_add_cstr(arena, doc, "run", run);
	qf_json_add_cstr(arena, doc, "mode", "full");
	source = qf_json_add(arena, doc, "source", QF_JSON_OBJECT);
	qf_json_add_cstr(arena, source, "kind", kind);
	if (url)
		qf_json_add_cstr(arena, source, "url", url);
	if (server)
		qf_json_add_cstr(arena, source, "server", server);
	qf_json_add(arena, doc, "chain", QF_JSON_ARRAY);
	qf_header_chain(arena, doc, settings);
	qf_json_add_cstr(arena, doc, "created", when);
	qf_json_add_cstr(arena, doc, "vectors", vectors == QF_VECTORS_JSON ? "json" : "base64");
	return doc;
}

void qf_header_chain(struct qf_arena *arena, struct qf_json *header, struct qf_str settings)
{
	struct qf_json *chain = qf_json_get(header, "chain");

	if (!chain)
		chain = qf_json_add(arena, header, "chain", QF_JSON_ARRAY);
	qf_json_add_str(arena, chain, NULL, settings_hash(arena, settings));
}
