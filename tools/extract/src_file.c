/*
 * Source file: streams from files, one behind the other. Also the pattern for a source of your own:
 * copy this file, change the five parts marked below, add its name to `sources` in meson.build.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "common/data/plugin.h"
#include "common/data/stream.h"

/* 1. The state. Settings come first; the table below fills them before open is called. */
struct state {
	struct qf_opt_list paths;
	/* working state, zeroed at the start */
	struct qf_source_args *args;
	struct qf_reader *reader;
	size_t next;
	int fd;
};

/* 2. The settings: flag, environment variable, YAML key, default and help in one row each. */
static const struct qf_opt opts[] = {
	{ .name = "path", .type = QF_OPT_LIST, .offset = offsetof(struct state, paths), .arg = "FILE",
	  .help = "a stream, compressed or plain; give it once for each file" },
};

/* 3. Open: check the settings, connect, fail early with one sentence that says what to do. */
static int file_open(void *state, struct qf_source_args *args, struct qf_err *err)
{
	struct state *s = state;

	s->args = args;
	s->fd = -1;
	if (!s->paths.n)
		return qf_err_set(err, QF_E_USAGE, "source file needs --path FILE");
	if (args->parts > 1 || args->has_limit || args->collections.n)
		return qf_err_set(err, QF_E_USAGE,
				  "source file reads all there is: --partition and --limit are not for it, and for "
				  "--collection there is 'fortress transform --step \"select NAME\"'");
	args->url = s->paths.items[0];
	return 0;
}

static int next_file(struct state *s, struct qf_err *err)
{
	struct qf_reader_opts o = { .limits.line = s->args->line_limit };
	const char *path = s->paths.items[s->next++];

	s->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (s->fd < 0)
		return qf_err_errno(err, QF_E_NOINPUT, errno, "cannot open %s", path);
	s->reader = qf_reader_new(s->fd, path, &o);
	return 0;
}

static void close_file(struct state *s)
{
	qf_reader_free(s->reader);
	s->reader = NULL;
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* 4. Next: fill the batch with records. The tool writes the end, so that one is dropped; a header
 * passes, for what kind of stream this was must not be lost. */
static int file_next(void *state, struct qf_batch *out, struct qf_err *err)
{
	struct state *s = state;
	size_t n = 0;
	int rc;

	if (!s->reader && s->next == s->paths.n)
		return 1;
	if (!s->reader && next_file(s, err) < 0)
		return -1;
	rc = qf_reader_next(s->reader, out, err);
	if (rc == 1)
		close_file(s);
	for (size_t i = 0; rc == 0 && i < out->n; i++)
		if (out->rec[i].type != QF_REC_END)
			out->rec[n++] = out->rec[i];
	out->n = rc == 0 ? n : 0;
	return rc < 0 ? -1 : 0;
}

/* 5. Close: also after a failed open, so it must bear a state of zeros. */
static void file_close(void *state)
{
	struct state *s = state;

	if (s->reader)
		close_file(s);
}

const struct qf_source qf_source_file = {
	.name = "file", .help = "streams that were written to files", .opts = opts, .n_opts = QF_LEN(opts),
	.state_size = sizeof(struct state), .open = file_open, .next = file_next, .close = file_close,
};
