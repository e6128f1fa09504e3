/* Files by the names under which Python imports them. */
#include <ctype.h>
#include <sys/stat.h>

#include "tools/align/change/plan.h"

static bool is_name(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!(isalnum((unsigned char)p[i]) || p[i] == '_' || (unsigned char)p[i] >= 128))
			return false;
	return n && !isdigit((unsigned char)*p);
}

const char *qf_module_under(struct qf_arena *arena, const char *path, const char *root, bool *package)
{
	size_t skip = strcmp(root, ".") == 0 ? 0 : strlen(root), n;
	const char *dot = strrchr(path, '.');
	struct qf_str name;

	if (!dot || (strcmp(dot, ".py") != 0 && strcmp(dot, ".pyi") != 0))
		return NULL;
	if (skip && (strncmp(path, root, skip) != 0 || path[skip] != '/'))
		return NULL;
	path += skip + (skip > 0);
	n = (size_t)(dot - path);
	*package = n > 9 && memcmp(dot - 9, "/__init__", 9) == 0;
	if (*package)
		n -= 9;
	name = qf_arena_dup(arena, path, n);
	for (char *p = (char *)name.p, *end;; p = end + 1) {
		end = strchrnul(p, '/');
		if (!is_name(p, (size_t)(end - p)))
			return NULL;
		if (!*end)
			return name.p;
		*end = '.';
	}
}

const char *qf_module_of(struct qf_arena *arena, const struct qf_rules *rules, const char *path, bool *package)
{
	const char *best = NULL, *name;
	bool is_package;

	*package = false;
	for (size_t i = 0; i < rules->python_roots.n; i++) {
		name = qf_module_under(arena, path, rules->python_roots.items[i], &is_package);
		if (!name || (best && strlen(best) <= strlen(name)))
			continue;
		best = name;
		*package = is_package;
	}
	return best ? best : "";
}

/* By name; of one name, stubs last and the package before the module that it hides. */
static int cmp_module(const void *a, const void *b)
{
	const struct qf_module *x = a, *y = b;
	int d = strcmp(x->name, y->name);

	if (!d)
		d = x->stub - y->stub;
	if (!d)
		d = y->package - x->package;
	return d ? d : strcmp(x->path, y->path);
}

void qf_modules_read(struct qf_modules *m, const struct qf_files *files, const struct qf_rules *rules)
{
	m->files = files;
	m->rules = rules;
	for (size_t i = 0; i < files->n; i++) {
		const char *path = files->file[i].path, *dot = strrchr(path, '.');

		if (!dot || strncmp(dot, ".py", 3) != 0)
			continue;
		for (size_t k = 0; k < rules->python_roots.n; k++) {
			bool package;
			const char *name = qf_module_under(&m->arena, path, rules->python_roots.items[k], &package);

			if (!name)
				continue;
			QF_GROW(m->module, m->n, m->cap);
			m->module[m->n++] = (struct qf_module){ .name = name, .path = path, .stub = dot[3] == 'i',
							      .package = package };
		}
	}
	if (m->n)
		qsort(m->module, m->n, sizeof(*m->module), cmp_module);
}

void qf_modules_release(struct qf_modules *m)
{
	free(m->module);
	free(m->asked);
	qf_arena_release(&m->arena);
}

static bool is_file(const struct qf_modules *m, const char *path)
{
	QF_AUTO_FREE char *full = qf_asprintf("%s/%s", m->files->root, path);
	struct stat st;

	return lstat(full, &st) == 0 && S_ISREG(st.st_mode);
}

static void look_on_disk(struct qf_modules *m, struct qf_module *module)
{
	static const char *const forms[] = { "/__init__.py", ".py", "/__init__.pyi", ".pyi" };
	QF_AUTO_FREE char *below = qf_strdup(module->name);

	if (strchr(below, '/'))
		return;
	for (char *p = below; (p = strchr(p, '.'));)
		*p = '/';
	for (size_t i = 0; i < QF_LEN(forms); i++)
		for (size_t k = 0; k < m->rules->python_roots.n && !module->path; k++) {
			const char *root = m->rules->python_roots.items[k];
			const char *path = strcmp(root, ".") == 0 ?
						   qf_arena_printf(&m->arena, "%s%s", below, forms[i]).p :
						   qf_arena_printf(&m->arena, "%s/%s%s", root, below, forms[i]).p;

			if (is_file(m, path))
				module->path = path;
		}
}

static struct qf_module *ask_disk(struct qf_modules *m, struct qf_str name)
{
	struct qf_module *module;
	size_t low = 0, high = m->n_asked;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = qf_str_cmp(qf_str(m->asked[mid]->name), name);

		if (d == 0)
			return m->asked[mid]->path ? m->asked[mid] : NULL;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	module = qf_arena_zalloc(&m->arena, sizeof(*module));
	module->name = qf_arena_dup_str(&m->arena, name).p;
	look_on_disk(m, module);
	QF_GROW(m->asked, m->n_asked, m->cap_asked);
	memmove(m->asked + low + 1, m->asked + low, (m->n_asked++ - low) * sizeof(*m->asked));
	m->asked[low] = module;
	return module->path ? module : NULL;
}

struct qf_module *qf_modules_find(struct qf_modules *m, const char *name, size_t n)
{
	size_t low = 0, high = m->n;

	/* The first of those with this name: not the stub. */
	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (qf_str_cmp(qf_str(m->module[mid].name), (struct qf_str){ name, n }) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < m->n && qf_str_eq(qf_str(m->module[low].name), (struct qf_str){ name, n }))
		return &m->module[low];
	return m->files->whole ? NULL : ask_disk(m, (struct qf_str){ name, n });
}

const struct qf_bound_names *qf_modules_bound(struct qf_modules *m, struct qf_module *module)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	struct qf_err ignored;

	if (!module->read) {
		module->read = true;
		/* What cannot be read or parsed is told where the file itself is worked on. */
		module->readable =
			qf_file_read(m->files, module->path, &text, NULL, &ignored) == 0 &&
			qf_rewrite_bound(qf_arena_dup_str(&m->arena, qf_buf_str(&text)), &m->arena,
					 &module->bound, &ignored) == 0;
	}
	return module->readable ? &module->bound : NULL;
}

bool qf_bound_has(const struct qf_bound_names *names, struct qf_str name)
{
	/* What the import system gives every module: https://docs.python.org/3/reference/datamodel.html#modules */
	static const char *const always[] = { "__name__", "__file__", "__doc__", "__dict__", "__spec__", "__loader__",
					      "__package__", "__cached__", "__builtins__" };

	for (size_t i = 0; i < QF_LEN(always); i++)
		if (qf_str_is(name, always[i]))
			return true;
	for (size_t i = 0; i < names->n; i++)
		if (qf_str_eq(names->name[i], name))
			return true;
	return false;
}

bool qf_modules_binds(void *ctx, const char *module, const char *name, bool *has)
{
	struct qf_modules *m = ctx;
	struct qf_module *found = qf_modules_find(m, module, strlen(module));
	const struct qf_bound_names *bound = found ? qf_modules_bound(m, found) : NULL;

	if (!bound)
		return false;
	*has = qf_bound_has(bound, qf_str(name));
	return *has || bound->whole;
}
