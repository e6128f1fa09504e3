#include "common/base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"

enum { MIN_BLOCK = 16 << 10, MAX_BLOCK = 1 << 20 };

struct qf_arena_block {
	struct qf_arena_block *next;
	size_t size;
	/* aligned like malloc's result: two words stand before it */
	char data[];
};

void *qf_arena_more(struct qf_arena *a, size_t n)
{
	size_t size = a->blocks ? 2 * a->blocks->size : MIN_BLOCK;
	struct qf_arena_block *b;

	if (size > MAX_BLOCK)
		size = MAX_BLOCK;
	if (n > size / 4) {
		/* A large piece gets a block of its own, behind the current one. */
		b = qf_malloc(sizeof(*b) + n);
		b->size = n;
		if (a->blocks) {
			b->next = a->blocks->next;
			a->blocks->next = b;
		} else {
			b->next = NULL;
			a->blocks = b;
			a->at = a->end = b->data + n;
		}
		return b->data;
	}
	b = qf_malloc(sizeof(*b) + size);
	b->size = size;
	b->next = a->blocks;
	a->blocks = b;
	a->at = b->data + n;
	a->end = b->data + size;
	return b->data;
}

void *qf_arena_zalloc(struct qf_arena *a, size_t n)
{
	return memset(qf_arena_alloc(a, n), 0, n);
}

struct qf_str qf_arena_dup(struct qf_arena *a, const void *p, size_t n)
{
	char *copy = qf_arena_alloc(a, n + 1);

	if (n)
		memcpy(copy, p, n);
	copy[n] = '\0';
	return (struct qf_str){ copy, n };
}

struct qf_str qf_arena_printf(struct qf_arena *a, const char *fmt, ...)
{
	va_list args;
	char *text;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		n = 0;
	text = qf_arena_alloc(a, (size_t)n + 1);
	va_start(args, fmt);
	vsnprintf(text, (size_t)n + 1, fmt, args);
	va_end(args);
	return (struct qf_str){ text, (size_t)n };
}

void qf_arena_reset(struct qf_arena *a)
{
	struct qf_arena_block *b = a->blocks, *keep = NULL;

	while (b) {
		struct qf_arena_block *next = b->next;

		if (b->size <= MAX_BLOCK && (!keep || b->size > keep->size)) {
			free(keep);
			keep = b;
		} else {
			free(b);
		}
		b = next;
	}
	a->blocks = keep;
	a->at = a->end = NULL;
	if (keep) {
		keep->next = NULL;
		a->at = keep->data;
		a->end = keep->data + keep->size;
	}
}

void qf_arena_release(struct qf_arena *a)
{
	while (a->blocks) {
		struct qf_arena_block *next = a->blocks->next;

		free(a->blocks);
		a->blocks = next;
	}
	a->at = a->end = NULL;
}

void qf_arena_merge(struct qf_arena *a, struct qf_arena *from)
{
	struct qf_arena_block *last = from->blocks;

	if (!last)
		return;
	while (last->next)
		last = last->next;
	/* The first block is the one that is filled, so that theirs go behind ours. */
	if (a->blocks) {
		last->next = a->blocks->next;
		a->blocks->next = from->blocks;
	} else {
		*a = *from;
	}
	*from = (struct qf_arena){ 0 };
}
