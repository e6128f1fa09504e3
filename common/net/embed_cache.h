/*
 * Vectors by model, dimensions and text, in a SQLite file: what was paid for once is not asked for
 * again. Texts do not stand in it, only their XXH3-128 and length. Several processes may use one
 * file at once. A value carries a checksum, so that a damaged one is an error and no vector.
 */
#ifndef QF_NET_EMBED_CACHE_H
#define QF_NET_EMBED_CACHE_H

#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"

struct qf_embed_cache;

/*
 * Opens or makes the file, mode 0600. path NULL: $XDG_CACHE_HOME/fortress/embed.sqlite, else
 * ~/.cache/fortress/embed.sqlite, with the folders. dimensions: as asked of the model; 0: its own.
 * Errors: QF_E_CREATE; QF_E_DATA naming the file (damaged, or another's); QF_E_CONFIG (made by a
 * newer version, no home).
 */
int qf_embed_cache_open(const char *path, const char *model, unsigned dimensions,
			struct qf_embed_cache **ret, struct qf_err *err) QF_CHECK;
/* NULL is taken. */
void qf_embed_cache_close(struct qf_embed_cache *c);
const char *qf_embed_cache_path(const struct qf_embed_cache *c);

/* 1: found, *values (arena memory) and *size set. 0: not there. -1: error as above. */
int qf_embed_cache_get(struct qf_embed_cache *c, struct qf_str text, struct qf_arena *arena,
		       const float **values, uint32_t *size, struct qf_err *err) QF_CHECK;

/*
 * Puts one in; what is there already stays. The first one begins a transaction, which commit ends:
 * do that before waiting for anything, since others cannot write meanwhile.
 */
int qf_embed_cache_put(struct qf_embed_cache *c, struct qf_str text, const float *values,
		       uint32_t size, struct qf_err *err) QF_CHECK;
int qf_embed_cache_commit(struct qf_embed_cache *c, struct qf_err *err) QF_CHECK;

#endif
