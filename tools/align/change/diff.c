/*
 * The plan as a unified diff that git takes: its headers and names are ours, the comparison of lines is libgit2's.
 */
#include <git2.h>
#include <sys/stat.h>

#include "common/base/log.h"
#include "tools/align/change/change.h"

/* Colours as git shows them by default. */
#define BOLD "\033[1m"
#define CYAN "\033[36m"
#define GREEN "\033[32m"
#define RED "\033[31m"
#define RESET "\033[m"

static bool needs_quotes(const char *name)
{
	for (const unsigned char *p = (const unsigned char *)name; *p; p++)
		if (*p < 0x20 || *p >= 0x7f || *p == '"' || *p == '\\')
			return true;
	return false;
}

/*
 * A name as git writes it: as C would where bytes are in it that a reader of the diff could take for something
 * else.
 */
static void add_name(struct qf_buf *out, const char *prefix, const char *name)
{
	static const char plain[] = "\a\b\t\n\v\f\r\"\\", letters[] = "abtnvfr\"\\";

	if (!needs_quotes(name)) {
		qf_buf_puts(out, prefix);
		qf_buf_puts(out, name);
		return;
	}
	qf_buf_addc(out, '"');
	qf_buf_puts(out, prefix);
	for (const unsigned char *p = (const unsigned char *)name; *p; p++) {
		const char *special = strchr(plain, *p);

		if (special)
			qf_buf_printf(out, "\\%c", letters[special - plain]);
		else if (*p < 0x20 || *p >= 0x7f)
			qf_buf_printf(out, "\\%03o", *p);
		else
			qf_buf_addc(out, (char)*p);
	}
	qf_buf_addc(out, '"');
}

/* A line of the header; where its name is last and holds a blank, git ends it with a tab: --- and +++ only. */
static void add_header(struct qf_buf *out, bool colour, const char *word, const char *prefix, const char *name)
{
	if (colour)
		QF_BUF_LIT(out, BOLD);
	qf_buf_puts(out, word);
	add_name(out, prefix, name);
	if (*prefix && strchr(name, ' ') && !needs_quotes(name))
		qf_buf_addc(out, '\t');
	if (colour)
		QF_BUF_LIT(out, RESET);
	qf_buf_addc(out, '\n');
}

static void add_line(struct qf_buf *out, bool colour, const git_diff_line *line)
{
	struct qf_str text = { line->content, line->content_len };
	bool ends = text.n && text.p[text.n - 1] == '\n';
	const char *paint = NULL;

	if (line->origin == GIT_DIFF_LINE_ADDITION)
		paint = GREEN;
	else if (line->origin == GIT_DIFF_LINE_DELETION)
		paint = RED;
	if (!colour)
		paint = NULL;
	if (paint)
		qf_buf_puts(out, paint);
	/*
	 * The other origins are of lines that say that a last newline is missing; they bring their text with them.
	 */
	if (line->origin == GIT_DIFF_LINE_ADDITION || line->origin == GIT_DIFF_LINE_DELETION ||
	    line->origin == GIT_DIFF_LINE_CONTEXT)
		qf_buf_addc(out, line->origin);
	qf_buf_add(out, text.p, text.n - (ends ? 1 : 0));
	if (paint)
		QF_BUF_LIT(out, RESET);
	if (ends)
		qf_buf_addc(out, '\n');
}

static void add_hunks(struct qf_buf *out, bool colour, git_patch *patch)
{
	for (size_t i = 0; i < git_patch_num_hunks(patch); i++) {
		const git_diff_hunk *hunk;
		const git_diff_line *line;
		struct qf_str header;
		size_t lines;

		if (git_patch_get_hunk(&hunk, &lines, patch, i))
			return;
		header = (struct qf_str){ hunk->header, hunk->header_len };
		if (header.n && header.p[header.n - 1] == '\n')
			header.n--;
		if (colour)
			QF_BUF_LIT(out, CYAN);
		qf_buf_add_str(out, header);
		if (colour)
			QF_BUF_LIT(out, RESET);
		qf_buf_addc(out, '\n');
		for (size_t k = 0; k < lines; k++)
			if (!git_patch_get_line_in_hunk(&line, patch, i, k))
				add_line(out, colour, line);
	}
}

/* How much of a moved file stays, in percent, by the bytes of whole lines; 100 only where all does. */
static unsigned similarity(const struct qf_change *change, git_patch *patch)
{
	size_t gone = 0, most = change->before.n > change->after.n ? change->before.n : change->after.n;
	unsigned percent;

	for (size_t i = 0; i < git_patch_num_hunks(patch); i++)
		for (int k = 0; k < git_patch_num_lines_in_hunk(patch, i); k++) {
			const git_diff_line *line;

			if (!git_patch_get_line_in_hunk(&line, patch, i, (size_t)k) &&
			    line->origin == GIT_DIFF_LINE_DELETION)
				gone += line->content_len;
		}
	if (qf_str_eq(change->before, change->after))
		return 100;
	percent = gone >= change->before.n ? 0 : (unsigned)((change->before.n - gone) * 100 / most);
	return percent > 99 ? 99 : percent;
}

static void add_index_line(struct qf_buf *out, const struct qf_change *change, bool colour)
{
	char before[GIT_OID_HEXSZ + 1] = "", after[GIT_OID_HEXSZ + 1] = "";
	git_oid id;

	if (git_odb_hash(&id, change->before.p ? change->before.p : "", change->before.n, GIT_OBJECT_BLOB) == 0)
		git_oid_tostr(before, sizeof(before), &id);
	if (git_odb_hash(&id, change->after.p ? change->after.p : "", change->after.n, GIT_OBJECT_BLOB) == 0)
		git_oid_tostr(after, sizeof(after), &id);
	qf_buf_printf(out, "%sindex %s..%s %s%s\n", colour ? BOLD : "", before, after,
		      change->mode & S_IXUSR ? "100755" : "100644", colour ? RESET : "");
}

static void add_change(struct qf_buf *out, const struct qf_change *change, bool colour)
{
	git_diff_options opts = GIT_DIFF_OPTIONS_INIT;
	const char *to = change->to ? change->to : change->path;
	git_patch *patch = NULL;

	opts.flags |= GIT_DIFF_FORCE_TEXT;
	if (git_patch_from_buffers(&patch, change->before.p ? change->before.p : "", change->before.n, change->path,
				   change->after.p ? change->after.p : "", change->after.n, to, &opts)) {
		qf_warn("%s: too large to be shown as a diff", change->path);
		return;
	}
	if (colour)
		QF_BUF_LIT(out, BOLD);
	QF_BUF_LIT(out, "diff --git ");
	add_name(out, "a/", change->path);
	qf_buf_addc(out, ' ');
	add_name(out, "b/", to);
	if (colour)
		QF_BUF_LIT(out, RESET);
	qf_buf_addc(out, '\n');
	if (change->to) {
		qf_buf_printf(out, "%ssimilarity index %u%%%s\n", colour ? BOLD : "", similarity(change, patch),
			      colour ? RESET : "");
		add_header(out, colour, "rename from ", "", change->path);
		add_header(out, colour, "rename to ", "", to);
	}
	if (!qf_str_eq(change->before, change->after)) {
		add_index_line(out, change, colour);
		add_header(out, colour, "--- ", "a/", change->path);
		add_header(out, colour, "+++ ", "b/", to);
		add_hunks(out, colour, patch);
	}
	git_patch_free(patch);
}

void qf_changes_diff(const struct qf_changes *c, bool colour, struct qf_buf *out)
{
	git_libgit2_init();
	for (size_t i = 0; i < c->n; i++)
		add_change(out, &c->change[i], colour);
	git_libgit2_shutdown();
}
