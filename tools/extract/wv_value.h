/*
 * The payload of an object as canonical JSON, from either protocol: properties in the schema's
 * order, nested ones too; absent and null ones left out; integers without a point, numbers with one;
 * the same object gives the same bytes by gRPC and by REST.
 */
#ifndef QF_EXTRACT_WV_VALUE_H
#define QF_EXTRACT_WV_VALUE_H

#include "tools/extract/wv_class.h"
#include "weaviate.pb-c.h"

/*
 * Appends "key":value members (with commas, without braces) for the properties that the object has.
 * refs: references go in here from the REST form of the same object, or NULL. *first says whether
 * no member stands in out yet. Error: QF_E_PROTOCOL naming the property where a value does not fit
 * its type.
 */
int wv_write_grpc(struct qf_buf *out, const struct wv_prop *props, size_t n,
		  const Weaviate__V1__Properties *values, const struct qf_json *refs, bool *first,
		  struct qf_err *err) QF_CHECK;
int wv_write_rest(struct qf_buf *out, const struct wv_prop *props, size_t n,
		  const struct qf_json *values, bool *first, struct qf_err *err) QF_CHECK;

#endif
