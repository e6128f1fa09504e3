/* What the tests of writes share: a tree with a bit of everything, what is to be done to it, and its state folder. */
#ifndef QF_TESTS_CHANGE_PLACE_H
#define QF_TESTS_CHANGE_PLACE_H

#include "tests/unit/change_tree.h"

static struct qf_err err;

/* A tree with a bit of everything, and what is to be done to it. */
static const struct {
	const char *path;
	mode_t mode;
	const char *text;
} files[] = {
	{ "README", 0644, "stays\n" },
	{ "pkg/a.py", 0644, "import old\r\nx = 1\r\n" },
	{ "pkg/old.py", 0755, "def f():\n    pass\n" },
	{ "pkg/next.py", 0640, "def g(): pass" },
	{ "pkg/mine.py", 0600, "nobody tracks me\n" },
	{ "z/doc.md", 0664, "" },
};

static inline void plan(struct qf_changes *c)
{
	tree_add(c, "pkg/a.py", NULL, qf_str(files[1].text), QF_STR("import older\r\nx = 1\r\n"));
	tree_add(c, "pkg/mine.py", "new/deep/mine.py", qf_str(files[4].text), qf_str(files[4].text));
	tree_add(c, "pkg/next.py", "pkg/old.py", qf_str(files[3].text), QF_STR("def h(): pass\n"));
	tree_add(c, "pkg/old.py", "pkg/older.py", qf_str(files[2].text), QF_STR("import warnings\ndef f():\n    pass\n"));
	tree_add(c, "z/doc.md", NULL, qf_str(files[5].text), QF_STR("text\n"));
}

static inline void make_tree(const char *dir)
{
	for (size_t i = 0; i < QF_LEN(files); i++)
		tree_put(dir, files[i].path, qf_str(files[i].text), files[i].mode);
	tree_run("cd '%s' && git init -q . && git add README pkg/a.py pkg/old.py pkg/next.py z && "
		 "git -c user.name=t -c user.email=t@t commit -qm begin", dir);
	/* In the index another text than on the disk: that must come back too. */
	tree_put(dir, "pkg/next.py", QF_STR("staged\n"), 0640);
	tree_run("cd '%s' && git add pkg/next.py && git update-index --assume-unchanged pkg/old.py", dir);
	tree_put(dir, "pkg/next.py", qf_str(files[3].text), files[3].mode);
}

/* The folders of a test: the tree and the state. */
struct place {
	char *top, *tree;
	struct qf_write_opts opts;
};

static inline struct place new_place(void)
{
	/*
	 * Where fsync costs nothing, should there be such a place: the tests of kill -9 run the whole write
	 * hundreds of times.
	 */
	char shm[] = "/dev/shm/qf-unit-XXXXXX";
	const char *dir = mkdtemp(shm);
	struct place p = { .top = qf_strdup(dir ? dir : unit_dir()) };
	QF_AUTO_FREE char *state = qf_asprintf("%s/state", p.top);

	p.tree = qf_asprintf("%s/tree", p.top);
	mkdir(p.tree, 0755);
	setenv("XDG_STATE_HOME", state, 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	make_tree(p.tree);
	p.opts = (struct qf_write_opts){ .root = p.tree, .git = true };
	return p;
}

static inline void end_place(struct place *p)
{
	tree_run("chmod -R u+rwX '%s' && rm -rf '%s'", p->top, p->top);
	free(p->top);
	free(p->tree);
}

static inline void same_tree(const char *dir, struct qf_buf *want, const char *what)
{
	QF_AUTO_BUF struct qf_buf now = { 0 };

	tree_tell(dir, "", &now);
	ck_assert_msg(qf_str_eq(qf_buf_str(&now), qf_buf_str(want)), "%s:\n%s\nis not\n%s", what, qf_buf_cstr(&now),
		      qf_buf_cstr(want));
}

#endif
