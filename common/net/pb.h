/* protobuf-c messages in arena memory: nothing of them is freed one by one. */
#ifndef QF_NET_PB_H
#define QF_NET_PB_H

#include <protobuf-c/protobuf-c.h>

#include "common/base/arena.h"
#include "common/base/buf.h"

/* An allocator that takes from the arena and frees nothing; valid as long as the arena is. */
ProtobufCAllocator qf_pb_arena(struct qf_arena *arena);

/* Appends the message's bytes. */
void qf_pb_pack(struct qf_buf *out, const ProtobufCMessage *message);

static inline struct qf_str qf_pb_str(ProtobufCBinaryData b)
{
	return (struct qf_str){ (const char *)b.data, b.len };
}

#endif
