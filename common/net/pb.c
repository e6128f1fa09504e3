#include "common/net/pb.h"

static void *from_arena(void *arena, size_t n)
{
	return qf_arena_alloc(arena, n);
}

static void keep(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

ProtobufCAllocator qf_pb_arena(struct qf_arena *arena)
{
	return (ProtobufCAllocator){ .alloc = from_arena, .free = keep, .allocator_data = arena };
}

void qf_pb_pack(struct qf_buf *out, const ProtobufCMessage *message)
{
	size_t n = protobuf_c_message_get_packed_size(message);

	out->n += protobuf_c_message_pack(message, (uint8_t *)qf_buf_room(out, n));
}
