/* Sink `file`: the stream into a file, which has its name only once it is whole and on the disk. */
#include <stdlib.h>

#include "common/base/output.h"
#include "common/data/stream.h"
#include "tools/load/sinks.h"

struct file_sink {
	/* Settings. */
	const char *path, *level;
	int vectors;
	bool plain;

	struct qf_sink_args *args;
	struct qf_tally scopes;
	struct qf_arena arena;
	struct qf_writer *writer;
	struct qf_output out;
};

#define AT(field) offsetof(struct file_sink, field)

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "path", .letter = 'o', .type = QF_OPT_TEXT, .offset = AT(path), .arg = "FILE",
	  .help = "the file; - is standard output" },
	{ .name = "vectors", .type = QF_OPT_CHOICE, .offset = AT(vectors), .choices = "keep|base64|json",
	  .help = "how vectors are written", .def = "keep" },
	{ .name = "plain", .type = QF_OPT_FLAG, .offset = AT(plain), .help = "write NDJSON without zstd" },
	{ .name = "level", .type = QF_OPT_TEXT, .offset = AT(level), .arg = "N",
	  .help = "zstd level, -7 to 19; else 3 into a file" },
};
/* clang-format on */

static int open_file(void *state, struct qf_sink_args *args, struct qf_err *err)
{
	static const enum qf_vector_text texts[] = { QF_VECTORS_KEEP, QF_VECTORS_BASE64,
						     QF_VECTORS_JSON };
	struct file_sink *s = state;
	struct qf_writer_opts wo = { .vectors = texts[s->vectors],
				     .plain = s->plain,
				     .line_limit = SIZE_MAX };

	s->args = args;
	if (!s->path)
		return qf_err_set(err, QF_E_USAGE, "no file is named: fortress load file FILE");
	if (args->collection)
		return qf_err_set(err, QF_E_USAGE,
				  "--collection: a file keeps the names as they are; rename with "
				  "'fortress transform --step \"rename {collections: {A: B}}\"'");
	if (qf_writer_level(&wo, s->level, err) < 0)
		return -1;
	if (args->dry_run)
		return 0;
	if (qf_output_open(&s->out, s->path, err) < 0)
		return -1;
	return qf_writer_open(s->out.fd, s->path, &wo, &s->writer, err);
}

static int write_file(void *state, struct qf_batch *b, struct qf_err *err)
{
	struct file_sink *s = state;

	for (size_t i = 0; i < b->n; i++) {
		struct qf_record *rec = &b->rec[i];

		if (s->writer && qf_writer_put(s->writer, rec, &b->arena, err) < 0)
			return -1;
		if (rec->type == QF_REC_POINT) {
			qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->points++;
			s->args->points++;
		} else if (rec->type == QF_REC_DELETE) {
			qf_tally_scope(&s->scopes, rec->collection, rec->tenant)->deletes++;
		} else if (rec->type == QF_REC_SCOPE) {
			qf_tally_add(&s->scopes, rec, rec->line);
		}
	}
	if (s->writer) {
		uint64_t raw;

		qf_writer_stats(s->writer, &raw, &s->args->bytes);
	}
	return 0;
}

static int finish_file(void *state, struct qf_err *err)
{
	struct file_sink *s = state;

	s->args->loaded = qf_loaded_of(&s->scopes, &s->arena);
	s->args->n_loaded = s->scopes.n;
	if (!s->writer)
		return 0;
	if (qf_writer_flush(s->writer, false, err) < 0)
		return -1;
	return qf_output_finish(&s->out, err);
}

static void close_file(void *state)
{
	struct file_sink *s = state;

	qf_writer_free(s->writer);
	qf_output_release(&s->out);
	qf_tally_release(&s->scopes);
	qf_arena_release(&s->arena);
}

const struct qf_sink qf_sink_file = {
	.name = "file",
	.help = "a stream in a file, as 'extract file' reads it",
	.opts = opts,
	.n_opts = QF_LEN(opts),
	.state_size = sizeof(struct file_sink),
	.open = open_file,
	.write = write_file,
	.finish = finish_file,
	.close = close_file,
};
