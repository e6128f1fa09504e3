/*
 * Client of an endpoint POST /v1/embeddings as OpenAI has it, and as vLLM, TEI, llama.cpp, Ollama,
 * LiteLLM and others have it too. Request: {"model", "input": [texts], "encoding_format",
 * "dimensions"?}. Reply: {"data": [{"index", "embedding": numbers or base64 of little-endian
 * float32}], "usage": {"total_tokens"}}. (https://platform.openai.com/docs/api-reference/embeddings)
 */
#ifndef QF_NET_EMBED_H
#define QF_NET_EMBED_H

#include "common/base/arena.h"
#include "common/net/http.h"

struct qf_embed_opts {
	const char *url;	/* ends with /embeddings: as it is; with /v1: that is added; else both */
	const char *key;	/* bearer token, or NULL */
	const char *model;
	unsigned dimensions;	/* asked of the model, and held against replies; 0: the model's own */
	bool numbers;		/* ask for numbers, of servers that do not know base64 */
	unsigned batch;		/* texts of one request; 0: 64 */
	size_t batch_bytes;	/* of their text; 0: 256 KiB. A longer text goes alone */
	unsigned in_flight;	/* requests; 0: 4 */
	double requests_per_minute, tokens_per_minute; /* 0: no limit */
	struct qf_net_opts net;
};

/* A text, and what came of it. */
struct qf_embed_text {
	struct qf_str text;
	const float *values;	/* size of them, or NULL where the server refused it */
	uint32_t size;
	const char *refused;	/* why: the server's words */
};

struct qf_embed_stats {
	uint64_t requests, retries, texts, tokens; /* tokens: as the server counts them */
	double seconds;		/* with a request under way or waited for */
};

struct qf_embed;

/* Sends nothing yet. Strings are copied. Error: QF_E_USAGE (no address, no model). */
int qf_embed_open(const struct qf_embed_opts *opts, struct qf_embed **ret,
		  struct qf_err *err) QF_CHECK;
void qf_embed_close(struct qf_embed *e);

/*
 * Embeds the texts, which must not be empty: several requests in flight, each tried again after
 * failures of the moment (408, 409, 429, 5xx, a connection that broke). After a 429 everybody
 * waits. values and refused are arena memory.
 *
 * A request refused for its content (400, 413, 422) is cut in halves until the text at fault is
 * found, which then has `refused`. If no request was ever taken, a harmless text is tried first:
 * where that is refused too, it is not the text's fault.
 *
 * Errors: QF_E_ACCESS (the key; no quota left), QF_E_USAGE (an unknown model or address),
 * QF_E_UNAVAILABLE, QF_E_TEMP (tries used up), QF_E_PROTOCOL (not such an endpoint; another number
 * of vectors than texts, a size that differs from the others or from what was asked, NaN or
 * infinity), or a stop signal. The key is in no message.
 */
int qf_embed_run(struct qf_embed *e, struct qf_embed_text *texts, size_t n, struct qf_arena *arena,
		 struct qf_err *err) QF_CHECK;

/* The length of the vectors: as asked or as seen; 0 while nobody knows. */
uint32_t qf_embed_size(const struct qf_embed *e);
/* What was seen by other means (a cache): later replies are held against it. */
void qf_embed_set_size(struct qf_embed *e, uint32_t size);
void qf_embed_get_stats(const struct qf_embed *e, struct qf_embed_stats *ret);

/* Inside, for tests: the vectors of a reply's body into texts[0..n). *tokens: as it says, or 0. */
int qf_embed_parse(struct qf_str body, struct qf_embed_text *texts, size_t n, struct qf_arena *arena,
		   uint64_t *tokens, struct qf_err *err) QF_CHECK;
/* The address of the endpoint from what was given. Error: QF_E_USAGE. */
int qf_embed_url(const char *url, struct qf_arena *arena, const char **ret,
		 struct qf_err *err) QF_CHECK;

#endif
