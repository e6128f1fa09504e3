/* Inside of qdrant_encode: JSON payload to protobuf, and how protobuf writes lengths. */
#ifndef QF_LOAD_QDRANT_PAYLOAD_H
#define QF_LOAD_QDRANT_PAYLOAD_H

#include "tools/load/qdrant_encode.h"

/* Bytes of a varint. */
static inline size_t qf_varint_len(uint64_t v)
{
	return v < 128 ? 1 : (size_t)(63 - __builtin_clzll(v)) / 7 + 1;
}

static inline char *qf_varint_put(char *p, uint64_t v)
{
	while (v >= 128) {
		*p++ = (char)(v | 128);
		v >>= 7;
	}
	*p++ = (char)v;
	return p;
}

/*
 * Converts the text of a JSON object into e->payload: the entries of the map PointStruct.payload. Of
 * a key that stands twice both entries are written, and the server keeps the last one. e->floats gets
 * the places where JSON text would need ".0" to be a float. Error: QF_E_DATA naming the key.
 */
int qf_payload_encode(struct qf_point_encoder *e, const struct qf_float_path *floats,
		      struct qf_str json, struct qf_err *err) QF_CHECK;

#endif
