/* One file's bytes as text, in pieces: from the disk or from memory, UTF-16 as UTF-8. */
#ifndef QF_ALIGN_INPUT_H
#define QF_ALIGN_INPUT_H

#include <sys/stat.h>

#include "tools/align/scan/text.h"

struct qf_input {
	int fd;			/* -1: memory */
	struct qf_str all, memory; /* the file there, and what is left to be read */
	uint64_t size;		/* what the file should have; only fewer reads depend on it */
	uint64_t got;		/* bytes that were read */
	unsigned reads;
	bool last;		/* all bytes were read */
	bool eof;		/* all of the text was given */
	bool begun, wide;
	bool binary;		/* UTF-32 by its mark */
	struct qf_utf16 utf16;
	char *raw;		/* bytes of UTF-16 that are not decoded; the memory stays with the input */
	size_t raw_n, raw_at;
};

/* Ready for another file; keeps its memory. */
void qf_input_start(struct qf_input *in, int fd, struct qf_str memory, uint64_t size);
/*
 * At most room bytes (at least 64) of text into p, as many as there are; ->eof is set when these were the last ones.
 * A UTF-16 mark is taken away, one of UTF-8 stays. -1 with errno.
 */
ssize_t qf_input_read(struct qf_input *in, char *p, size_t room);
/* Bytes from `at` of the file on once more, n of them; false where they are not there now. Not for UTF-16. */
bool qf_input_again(const struct qf_input *in, uint64_t at, char *p, size_t n);
void qf_input_release(struct qf_input *in);

/* The bytes of a whole file as text: themselves, or UTF-16 as UTF-8 in out. */
struct qf_str qf_input_text(struct qf_str bytes, struct qf_buf *out);

#endif
