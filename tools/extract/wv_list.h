/* What a server holds: its classes and tenants, with counts; the lists and checks made of that. */
#ifndef QF_EXTRACT_WV_LIST_H
#define QF_EXTRACT_WV_LIST_H

#include "tools/extract/wv_scan.h"

struct wv_catalog {
	struct qf_weaviate *server;	/* borrowed */
	bool grpc;
	const struct qf_json *schema;	/* as it was at the start */
	struct wv_class *classes;
	size_t n_classes;
	struct wv_scope *scopes;	/* by class, then tenant */
	size_t n_scopes, cap_scopes;
	const char **tenants;		/* names of all, for hints */
	size_t n_tenants, cap_tenants;
	struct wv_scope **activated;	/* to be put back */
	size_t n_activated, cap_activated;
	struct qf_arena arena;
};

/*
 * Reads schema, aliases, tenants, counts, and the sizes of vectors by looking at some objects.
 * wanted and tenants empty: all. activate: makes inactive tenants active (and remembers to put them
 * back). Errors: QF_E_NOINPUT for a name that is not there, with the nearest.
 */
int wv_catalog_read(struct wv_catalog *c, const struct qf_opt_list *wanted,
		    const struct qf_opt_list *tenants, struct wv_class_opts *shape, bool activate,
		    struct qf_err *err) QF_CHECK;
/* Makes activated tenants inactive again. */
int wv_catalog_put_back(struct wv_catalog *c, struct qf_err *err) QF_CHECK;
/* After reading: are the classes still what they were? Error: QF_E_TEMP, run again. */
int wv_catalog_check_schema(struct wv_catalog *c, struct qf_err *err) QF_CHECK;
void wv_catalog_release(struct wv_catalog *c);

/* A table, or {"collections":[..]}. */
void wv_catalog_list(const struct wv_catalog *c, bool json, struct qf_buf *out);
/* Ids that stand in several tenants of one class, as qf_source.shared_ids says. */
int wv_catalog_shared_ids(struct wv_catalog *c, unsigned jobs, struct qf_buf *out,
			  struct qf_err *err) QF_CHECK;

#endif
