/* Sink `file`: the stream into a file, which has its name only once it is whole and on the disk. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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
	bool opened;
	int fd;
	char *temp; /* the unfinished file, or NULL */
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

static int open_output(struct file_sink *s, struct qf_err *err)
{
	struct stat st;
	bool in_place = lstat(s->path, &st) == 0 && !S_ISREG(st.st_mode);

	if (!strcmp(s->path, "-")) {
		s->fd = STDOUT_FILENO;
		return 0;
	}
	/* A device or a named pipe is written in place: a rename would put a file where it stood. */
	s->temp = in_place ? NULL : qf_asprintf("%s.part%ld", s->path, (long)getpid());
	s->fd = open(in_place ? s->path : s->temp,
		     O_WRONLY | O_CREAT | O_CLOEXEC | (in_place ? O_TRUNC : O_EXCL), 0666);
	if (s->fd >= 0) {
		s->opened = true;
		return 0;
	}
	qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", s->path);
	free(s->temp);
	s->temp = NULL;
	return -1;
}

static int open_file(void *state, struct qf_sink_args *args, struct qf_err *err)
{
	static const enum qf_vector_text texts[] = { QF_VECTORS_KEEP, QF_VECTORS_BASE64,
						     QF_VECTORS_JSON };
	struct file_sink *s = state;
	struct qf_writer_opts wo = { .vectors = texts[s->vectors],
				     .plain = s->plain,
				     .line_limit = SIZE_MAX };
	char *end;

	s->args = args;
	if (!s->path)
		return qf_err_set(err, QF_E_USAGE, "no file is named: fortress load file FILE");
	if (args->collection)
		return qf_err_set(err, QF_E_USAGE,
				  "--collection: a file keeps the names as they are; rename with "
				  "'fortress transform --step \"rename collection A=B\"'");
	if (s->level) {
		long level = strtol(s->level, &end, 10);

		if (end == s->level || *end || level < -7 || level > 19)
			return qf_err_set(err, QF_E_USAGE,
					  "--level: '%s' is not a zstd level from -7 to 19",
					  s->level);
		wo.has_level = true;
		wo.level = (int)level;
	}
	if (args->dry_run)
		return 0;
	if (open_output(s, err) < 0)
		return -1;
	return qf_writer_open(s->fd, s->path, &wo, &s->writer, err);
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

/* The name is new too: without this it may be gone after a power cut, file and all. */
static int sync_directory(const char *path, struct qf_err *err)
{
	QF_AUTO_FREE char *dir = qf_strdup(path);
	char *slash = strrchr(dir, '/');
	int fd, rc = 0;

	if (slash)
		slash[slash == dir] = '\0';
	fd = open(slash ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (fsync(fd) < 0 && errno != EINVAL && errno != EROFS)
		rc = qf_err_errno(err, QF_E_IO, errno, "cannot write %s", path);
	close(fd);
	return rc;
}

static int finish_file(void *state, struct qf_err *err)
{
	struct file_sink *s = state;

	s->args->loaded = qf_loaded_of(&s->scopes, &s->arena);
	s->args->n_loaded = s->scopes.n;
	if (!s->writer)
		return 0;
	if (qf_writer_flush(s->writer, s->opened, err) < 0)
		return -1;
	if (!s->opened)
		return 0;
	s->opened = false;
	if (close(s->fd) < 0)
		return qf_err_errno(err, QF_E_IO, errno, "cannot write %s", s->path);
	if (!s->temp)
		return 0;
	if (rename(s->temp, s->path) < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "cannot create %s", s->path);
	free(s->temp);
	s->temp = NULL;
	return sync_directory(s->path, err);
}

static void close_file(void *state)
{
	struct file_sink *s = state;

	qf_writer_free(s->writer);
	if (s->opened)
		close(s->fd);
	if (s->temp)
		unlink(s->temp);
	free(s->temp);
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
