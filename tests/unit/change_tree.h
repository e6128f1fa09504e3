/*
 * Trees for the tests of what align writes: made from a table, and told as text so that two states can be
 * compared.
 */
#ifndef QF_TESTS_CHANGE_TREE_H
#define QF_TESTS_CHANGE_TREE_H

#include <dirent.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "tests/unit/unit.h"
#include "tools/align/change/change.h"

static inline void tree_run(const char *fmt, ...) QF_PRINTF(1, 2);
static inline void tree_run(const char *fmt, ...)
{
	QF_AUTO_FREE char *command = NULL;
	va_list ap;

	va_start(ap, fmt);
	ck_assert_int_ge(vasprintf(&command, fmt, ap), 0);
	va_end(ap);
	ck_assert_msg(system(command) == 0, "failed: %s", command);
}

/* The output of a command. */
static inline void tree_output(const char *command, struct qf_buf *out)
{
	FILE *f = popen(command, "r");
	size_t n;

	ck_assert_ptr_nonnull(f);
	while ((n = fread(qf_buf_room(out, 4096), 1, 4096, f)) > 0)
		out->n += n;
	ck_assert_msg(pclose(f) == 0, "failed: %s", command);
}

static inline void tree_put(const char *dir, const char *path, struct qf_str text, mode_t mode)
{
	QF_AUTO_FREE char *full = qf_asprintf("%s/%s", dir, path);
	FILE *f;

	for (char *p = strchr(full + strlen(dir) + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(full, 0755);
		*p = '/';
	}
	f = fopen(full, "w");
	ck_assert_msg(f != NULL, "%s", full);
	ck_assert_uint_eq(text.n ? fwrite(text.p, 1, text.n, f) : 0, text.n);
	fclose(f);
	ck_assert_int_eq(chmod(full, mode), 0);
}

static inline void tree_get(const char *dir, const char *path, struct qf_buf *out)
{
	QF_AUTO_FREE char *full = qf_asprintf("%s/%s", dir, path);
	int fd = open(full, O_RDONLY);

	ck_assert_msg(fd >= 0, "%s", full);
	unit_slurp(fd, out);
	close(fd);
}

static inline int tree_cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Every file and folder below dir with mode and content; of .git only what names locks and leavings. */
static inline void tree_tell(const char *dir, const char *below, struct qf_buf *out)
{
	QF_AUTO_FREE char *here = qf_asprintf("%s/%s", dir, below);
	DIR *d = opendir(here);
	struct dirent *e;
	char *names[256];
	size_t n = 0;

	ck_assert_msg(d != NULL, "%s", here);
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && n < QF_LEN(names))
			names[n++] = qf_asprintf("%s%s%s", below, *below ? "/" : "", e->d_name);
	closedir(d);
	qsort(names, n, sizeof(*names), tree_cmp);
	for (size_t i = 0; i < n; i++) {
		QF_AUTO_FREE char *full = qf_asprintf("%s/%s", dir, names[i]);
		struct stat st;

		ck_assert_int_eq(lstat(full, &st), 0);
		if (strcmp(names[i], ".git") == 0) {
			QF_AUTO_FREE char *list = qf_asprintf("cd '%s' && git ls-files -s -v && ls .git | grep -v '^index$'", dir);

			tree_output(list, out);
		} else if (S_ISDIR(st.st_mode)) {
			qf_buf_printf(out, "%s/ %o\n", names[i], st.st_mode);
			tree_tell(dir, names[i], out);
		} else {
			qf_buf_printf(out, "%s %o %ld:", names[i], st.st_mode, (long)st.st_size);
			if (S_ISREG(st.st_mode))
				tree_get(dir, names[i], out);
			qf_buf_addc(out, '\n');
		}
		free(names[i]);
	}
}

static inline void tree_add(struct qf_changes *c, const char *path, const char *to,
			    struct qf_str before, struct qf_str after)
{
	QF_GROW(c->change, c->n, c->cap);
	c->change[c->n++] = (struct qf_change){ .path = path, .to = to, .mode = S_IFREG | 0644, .before = before,
						.after = after, .rule = "rule" };
}

#endif
