/* A Weaviate class as the source needs it: what to ask for, in which order to write it, and the
 * collection line that it becomes. */
#ifndef QF_EXTRACT_WV_CLASS_H
#define QF_EXTRACT_WV_CLASS_H

#include "common/base/opt.h"
#include "common/data/json.h"
#include "common/data/record.h"
#include "common/net/weaviate.h"

enum wv_type { WV_TEXT, WV_INT, WV_NUMBER, WV_BOOL, WV_DATE, WV_UUID, WV_GEO, WV_PHONE, WV_BLOB,
	       WV_OBJECT, WV_REF, WV_UNKNOWN };

struct wv_prop {
	struct qf_str name;
	struct qf_str key;	/* "name": escaped, with quotes and colon */
	enum wv_type type;
	bool array, searchable;
	struct wv_prop *sub;	/* of an object, in schema order */
	size_t n_sub;
	struct qf_str target;	/* class that an old beacon without a class name points to */
};

struct wv_vector {
	struct qf_str name;	/* "" is the unnamed one */
	bool multi;
	uint32_t size;		/* 0: not yet seen */
	struct qf_json *decl;	/* in the collection line */
	int64_t pq_segments;	/* of product quantization, -1: none */
};

struct wv_class {
	const char *name;
	struct wv_prop *props;
	size_t n_props;
	struct wv_vector *vectors;
	size_t n_vectors;
	bool tenants, has_refs;
	int64_t replicas;
	const char *why_rest;	/* why its pages are read by REST; NULL: gRPC */
	struct qf_json *doc;	/* the collection line */
	struct qf_arena arena;
};

/* What of the options shapes a class. */
struct wv_class_opts {
	struct qf_opt_list properties;	/* empty: all; "prop" or "Class.prop" */
	struct qf_opt_list distances;	/* "Class=Cosine" or "Class.vector=Dot" */
	bool *property_used, *distance_used; /* which of them met something; set by wv_class_init */
	const char *tenant_key;
	bool skip_blobs, timestamps;
};

/*
 * From an entry of /v1/schema. aliases: reply of /v1/aliases or NULL. Errors (QF_E_DATA): a distance
 * that Qdrant does not have, a property that bears the name of a key of ours. Release in any case.
 */
int wv_class_init(struct wv_class *c, const struct qf_json *schema, const struct qf_json *aliases,
		  const struct wv_class_opts *opts, struct qf_err *err) QF_CHECK;
void wv_class_release(struct wv_class *c);

/* The vector of that name, or NULL. */
struct wv_vector *wv_class_vector(struct wv_class *c, struct qf_str name);
/* Notes the size of a vector when it is seen first; true when the collection line changed. */
bool wv_class_saw(struct wv_class *c, struct wv_vector *v, uint32_t size);
/* Does Qdrant know the distance of a "Class=Distance" setting? */
bool wv_distance_known(const char *setting);
/* Adds what has no twin in Qdrant to the collection line. */
void wv_class_note(struct wv_class *c, const char *fmt, ...) QF_PRINTF(2, 3);

#endif
