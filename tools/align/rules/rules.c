/* Where the rules come from. */
#include <errno.h>
#include <sys/stat.h>

#include "common/base/buf.h"
#include "tools/align/rules/sections.h"

static bool is_there(const char *folder, const char *name)
{
	QF_AUTO_FREE char *path = qf_asprintf("%s/%s", folder, name);
	struct stat st;

	/* lstat: a link that leads nowhere is an error to be told, not a file that is not there. */
	return lstat(path, &st) == 0;
}

/* Looks upward from dir, which is cut to the folder where the search ended: true where the file was found there, false
 * at the top. */
static bool look_upward(char *dir)
{
	for (;;) {
		char *slash = strrchr(dir, '/');

		if (is_there(dir, QF_RULES_FILE))
			return true;
		if (is_there(dir, ".git") || !dir[1])
			return false;
		slash[slash == dir] = '\0';
	}
}

static int set_root(struct qf_rules *r, const char *dir, struct qf_err *err)
{
	QF_AUTO_FREE char *real = realpath(dir, NULL);

	if (!real)
		return qf_err_errno(err, QF_E_NOINPUT, errno, "cannot find the folder %s", dir);
	r->root = qf_arena_dup_str(&r->arena, qf_str(real)).p;
	return 0;
}

/* The folder of a file as it is named, links of the file itself not followed. */
static int set_root_of(struct qf_rules *r, const char *file, struct qf_err *err)
{
	const char *slash = strrchr(file, '/');
	QF_AUTO_FREE char *dir = NULL;

	if (!slash)
		return set_root(r, ".", err);
	dir = qf_strndup(file, slash == file ? 1 : (size_t)(slash - file));
	return set_root(r, dir, err);
}

/* Sets root, and file where there is one. */
static int find_rules(struct qf_rules *r, const char *start, struct qf_err *err)
{
	QF_AUTO_FREE char *dir = realpath(start, NULL), *here = realpath(".", NULL);

	if (!dir)
		return qf_err_errno(err, QF_E_NOINPUT, errno, "cannot find the folder %s", start);
	r->builtin = !look_upward(dir);
	if (!r->builtin && here && !strcmp(dir, here))
		r->file = QF_RULES_FILE;
	else if (!r->builtin)
		r->file = qf_arena_printf(&r->arena, "%s/%s", dir[1] ? dir : "", QF_RULES_FILE).p;
	if (r->builtin && !is_there(dir, ".git"))
		return set_root(r, start, err);
	return set_root(r, dir, err);
}

int qf_rules_read(struct qf_rules *r, const char *file, const char *start, const char *today, struct qf_err *err)
{
	struct qf_str text = qf_rules_builtin();
	int rc;

	*r = (struct qf_rules){ 0 };
	r->today = qf_arena_dup_str(&r->arena, qf_str(today)).p;
	if (file) {
		r->file = qf_arena_dup_str(&r->arena, qf_str(file)).p;
		rc = set_root_of(r, file, err);
	} else {
		rc = find_rules(r, start, err);
	}
	if (rc < 0)
		return -1;
	if (r->builtin)
		rc = qf_conf_parse(&r->conf, "built-in rules", text.p, text.n, err);
	else
		rc = qf_conf_read(&r->conf, r->file, err);
	return rc < 0 ? -1 : qf_rules_sections(r, today, err);
}

void qf_rules_release(struct qf_rules *r)
{
	for (size_t i = 0; i < r->n_documents; i++)
		qf_globs_free(r->documents[i].paths);
	for (size_t i = 0; i < r->n_allow; i++)
		qf_globs_free(r->allow[i].paths);
	qf_globs_free(r->exclude);
	qf_conf_release(&r->conf);
	qf_arena_release(&r->arena);
	*r = (struct qf_rules){ 0 };
}
