#include "common/base/opt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/log.h"

/* Where a value was found, for messages: "--jobs", "WEAVIATE_URL", "plan.yaml:3:5: jobs". */
struct place {
	const char *name;
	enum qf_code code;
};

static int bad(const struct place *at, struct qf_err *err, const char *value, const char *want)
{
	return qf_err_set(err, at->code, "%s: '%s' is not %s", at->name, value, want);
}

static int set_choice(const struct qf_opt *o, int *field, const char *value, const struct place *at,
		      struct qf_err *err)
{
	const char *c = o->choices;

	for (int i = 0; *c; i++) {
		size_t n = strcspn(c, "|");

		if (strlen(value) == n && memcmp(c, value, n) == 0) {
			*field = i;
			return 0;
		}
		c += n + (c[n] == '|');
	}
	return qf_err_set(err, at->code, "%s: '%s' is none of %s", at->name, value, o->choices);
}

static void list_add(struct qf_opt_list *list, struct qf_arena *arena, const char *p, size_t n)
{
	const char **items = qf_arena_alloc(arena, (list->n + 1) * sizeof(*items));

	if (list->n)
		memcpy(items, list->items, list->n * sizeof(*items));
	items[list->n++] = qf_arena_dup(arena, p, n).p;
	list->items = items;
}

static int set_value(const struct qf_opt *o, void *base, const char *value, const struct place *at,
		     struct qf_arena *arena, struct qf_err *err)
{
	void *field = (char *)base + o->offset;
	unsigned long long number;
	double seconds;
	char *end;

	switch (o->type) {
	case QF_OPT_FLAG:
		if (!strcmp(value, "true") || !strcmp(value, "yes") || !strcmp(value, "1"))
			*(bool *)field = true;
		else if (!strcmp(value, "false") || !strcmp(value, "no") || !strcmp(value, "0"))
			*(bool *)field = false;
		else
			return bad(at, err, value, "true or false");
		return 0;
	case QF_OPT_TEXT:
	case QF_OPT_SECRET:
		*(const char **)field = qf_arena_dup(arena, value, strlen(value)).p;
		return 0;
	case QF_OPT_UINT:
		if (qf_parse_uint(value, &number) < 0)
			return bad(at, err, value, "a whole number");
		break;
	case QF_OPT_SIZE:
		if (qf_parse_size(value, &number) < 0)
			return bad(at, err, value, "a size such as 4MiB");
		break;
	case QF_OPT_SECONDS:
		errno = 0;
		seconds = strtod(value, &end);
		if (errno || end == value || (*end && strcmp(end, "s") != 0) || !(seconds >= 0 && seconds < 1e9))
			return bad(at, err, value, "a number of seconds");
		*(double *)field = seconds;
		return 0;
	case QF_OPT_CHOICE:
		return set_choice(o, field, value, at, err);
	case QF_OPT_LIST:
		list_add(field, arena, value, strlen(value));
		return 0;
	case QF_OPT_WORDS:
		while (*value) {
			size_t n = strcspn(value, ",");

			if (n)
				list_add(field, arena, value, n);
			value += n + (value[n] == ',');
		}
		return 0;
	default:
		return qf_err_set(err, QF_E_BUG, "%s: option of unknown type", at->name);
	}
	if (number < o->min || (o->max && number > o->max)) {
		if (!o->max)
			return qf_err_set(err, at->code, "%s: must be at least %llu", at->name, o->min);
		return qf_err_set(err, at->code, "%s: must be from %llu to %llu", at->name, o->min, o->max);
	}
	*(unsigned long long *)field = number;
	return 0;
}

static int set_default(const struct qf_opt *o, void *base, struct qf_arena *arena, struct qf_err *err)
{
	struct place at = { o->name, QF_E_BUG };

	return o->def ? set_value(o, base, o->def, &at, arena, err) : 0;
}

static bool is_list(const struct qf_opt *o)
{
	return o->type == QF_OPT_LIST || o->type == QF_OPT_WORDS;
}

/* A list that is given at a higher place replaces the one from below. */
static void clear_list(const struct qf_opt *o, void *base)
{
	if (is_list(o))
		*(struct qf_opt_list *)((char *)base + o->offset) = (struct qf_opt_list){ 0 };
}

static int set_from_node(const struct qf_opt *o, void *base, const struct qf_conf *conf,
			 const struct qf_node *node, struct qf_arena *arena, struct qf_err *err)
{
	struct qf_str name = qf_arena_printf(arena, "%s:%d:%d: %s", conf->file, node->line, node->column,
					     o->name);
	struct place at = { name.p, QF_E_CONFIG };

	if (o->type == QF_OPT_SECRET)
		return qf_node_error(conf, node, err,
				     "a secret does not belong into a file of settings; set %s, %s_FILE or %s_COMMAND",
				     o->env, o->env, o->env);
	clear_list(o, base);
	if (o->type == QF_OPT_NODE) {
		*(const struct qf_node **)((char *)base + o->offset) = node;
		return 0;
	}
	if (node->kind == QF_NODE_SCALAR)
		return set_value(o, base, node->text, &at, arena, err);
	if (node->kind != QF_NODE_LIST || !is_list(o))
		return qf_node_error(conf, node, err, "%s must be %s", o->name,
				     is_list(o) ? "a list" : "a single value");
	for (const struct qf_node *c = node->child; c; c = c->next) {
		if (c->kind != QF_NODE_SCALAR)
			return qf_node_error(conf, c, err, "%s: each item must be a single value", o->name);
		if (set_value(o, base, c->text, &at, arena, err) < 0)
			return -1;
	}
	return 0;
}

static int from_map(const struct qf_opt *opts, size_t n, void *base, const struct qf_conf *conf,
		    const struct qf_node *map, struct qf_arena *arena, struct qf_err *err)
{
	for (size_t i = 0; i < n; i++) {
		const struct qf_node *node = qf_node_get(map, opts[i].name);

		if (node && set_from_node(&opts[i], base, conf, node, arena, err) < 0)
			return -1;
	}
	return 0;
}

int qf_opt_from_node(const struct qf_opt *opts, size_t n, void *base, const struct qf_conf *conf,
		     const struct qf_node *map, const char *what, const char *const *also,
		     size_t n_also, struct qf_arena *arena, struct qf_err *err)
{
	const char **names = qf_arena_alloc(arena, (n + n_also + 1) * sizeof(*names));

	for (size_t i = 0; i < n; i++)
		names[i] = opts[i].name;
	for (size_t i = 0; i < n_also; i++)
		names[n + i] = also[i];
	if (qf_node_check_keys(conf, map, what, names, n + n_also, err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (set_default(&opts[i], base, arena, err) < 0)
			return -1;
	return map ? from_map(opts, n, base, conf, map, arena, err) : 0;
}

static int read_secret(FILE *in, struct qf_arena *arena, const char **ret)
{
	char line[8192];

	if (!fgets(line, sizeof(line), in))
		return -1;
	line[strcspn(line, "\r\n")] = '\0';
	*ret = qf_arena_dup(arena, line, strlen(line)).p;
	memset(line, 0, sizeof(line));
	return 0;
}

int qf_secret_get(const char *env, struct qf_arena *arena, const char **ret, struct qf_err *err)
{
	char name[256];
	const char *value = getenv(env);
	FILE *in;

	*ret = NULL;
	if (value && *value) {
		*ret = value;
		return 0;
	}
	snprintf(name, sizeof(name), "%s_FILE", env);
	value = getenv(name);
	if (value && *value) {
		in = fopen(value, "re");
		if (!in)
			return qf_err_errno(err, QF_E_CONFIG, errno, "%s: cannot read %s", name, value);
		if (read_secret(in, arena, ret) < 0) {
			fclose(in);
			return qf_err_set(err, QF_E_CONFIG, "%s: %s is empty", name, value);
		}
		fclose(in);
		return 0;
	}
	snprintf(name, sizeof(name), "%s_COMMAND", env);
	value = getenv(name);
	if (value && *value) {
		int got, status;

		in = popen(value, "re");
		if (!in)
			return qf_err_errno(err, QF_E_CONFIG, errno, "%s: cannot run it", name);
		got = read_secret(in, arena, ret);
		status = pclose(in);
		if (got < 0 || status != 0)
			return qf_err_set(err, QF_E_CONFIG, "%s: the command %s", name,
					  status ? "failed" : "printed nothing");
	}
	return 0;
}

static int from_env(const struct qf_opt_group *g, struct qf_arena *arena, struct qf_err *err)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct qf_opt *o = &g->opts[i];
		struct place at = { o->env, QF_E_CONFIG };
		const char *value;

		if (!o->env)
			continue;
		if (o->type == QF_OPT_SECRET) {
			if (qf_secret_get(o->env, arena, &value, err) < 0)
				return -1;
		} else {
			value = getenv(o->env);
		}
		if (!value || !*value)
			continue;
		clear_list(o, g->base);
		if (set_value(o, g->base, value, &at, arena, err) < 0)
			return -1;
		qf_debug("%s from the environment", o->env);
	}
	return 0;
}

static const struct qf_opt *find(struct qf_opt_parse *p, const char *name, size_t n, char letter,
				 void **base)
{
	for (size_t g = 0; g < p->n_groups; g++) {
		for (size_t i = 0; i < p->groups[g].n; i++) {
			const struct qf_opt *o = &p->groups[g].opts[i];

			if (o->type == QF_OPT_SECRET || o->type == QF_OPT_NODE)
				continue;
			if (letter ? o->letter == letter : strlen(o->name) == n && !memcmp(o->name, name, n)) {
				*base = p->groups[g].base;
				return o;
			}
		}
	}
	return NULL;
}

static int unknown_flag(struct qf_opt_parse *p, const char *arg, struct qf_err *err)
{
	const char *names[256], *near;
	char typed[64];
	size_t n = 0;

	for (size_t g = 0; g < p->n_groups; g++)
		for (size_t i = 0; i < p->groups[g].n && n < QF_LEN(names); i++)
			if (p->groups[g].opts[i].type != QF_OPT_SECRET && p->groups[g].opts[i].type != QF_OPT_NODE)
				names[n++] = p->groups[g].opts[i].name;
	snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(arg, "="), arg);
	if (strstr(typed, "key") || strstr(typed, "password") || strstr(typed, "token"))
		return qf_err_set(err, QF_E_USAGE,
				  "%s: secrets are not given as flags (every user of the machine could read them); "
				  "see the variables under 'Environment' in --help", typed);
	near = arg[1] == '-' ? qf_str_nearest(typed + 2, names, n) : NULL;
	if (near)
		return qf_err_set(err, QF_E_USAGE, "unknown option %s; did you mean --%s?", typed, near);
	return qf_err_set(err, QF_E_USAGE, "unknown option %s; see --help", typed);
}

/* One flag at argv[*i]; for a cluster of letters (-vv) *at points at the letter. */
static int one_flag(struct qf_opt_parse *p, int argc, char **argv, int *i, bool *seen, struct qf_err *err)
{
	char *arg = argv[*i], shown[64];
	bool is_long = arg[1] == '-';

	for (char *at = is_long ? arg + 2 : arg + 1; *at;) {
		size_t n = is_long ? strcspn(at, "=") : 1;
		void *base = NULL;
		const struct qf_opt *o = find(p, at, n, is_long ? 0 : *at, &base);
		struct place place = { shown, QF_E_USAGE };
		const char *value = NULL;

		if (!o)
			return unknown_flag(p, is_long ? arg : (char[]){ '-', *at, 0 }, err);
		if (is_long)
			snprintf(shown, sizeof(shown), "--%s", o->name);
		else
			snprintf(shown, sizeof(shown), "-%c", *at);
		at += n;
		if (o->type == QF_OPT_FLAG) {
			value = is_long && *at == '=' ? at + 1 : "true";
			if (is_long)
				at += strlen(at);
		} else {
			if (is_long && *at == '=')
				value = at + 1;
			else if (!is_long && *at)
				value = at;
			else if (*i + 1 < argc)
				value = argv[++*i];
			else
				return qf_err_set(err, QF_E_USAGE, "%s needs a value: %s %s", shown, shown,
						  o->arg ? o->arg : "VALUE");
			at += strlen(at);
		}
		/* The first use of a list flag replaces what came from below. */
		for (size_t g = 0, k = 0; g < p->n_groups; g++)
			for (size_t j = 0; j < p->groups[g].n; j++, k++)
				if (&p->groups[g].opts[j] == o && !seen[k]) {
					seen[k] = true;
					clear_list(o, base);
				}
		if (set_value(o, base, value, &place, &p->arena, err) < 0)
			return -1;
	}
	return 0;
}

static int from_flags(struct qf_opt_parse *p, int argc, char **argv, struct qf_err *err)
{
	size_t n_opts = 0;
	bool *seen;

	for (size_t g = 0; g < p->n_groups; g++)
		n_opts += p->groups[g].n;
	seen = qf_arena_zalloc(&p->arena, n_opts * sizeof(*seen) + 1);
	p->args = qf_arena_alloc(&p->arena, ((size_t)argc + 1) * sizeof(*p->args));
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--")) {
			while (++i < argc)
				p->args[p->n_args++] = argv[i];
		} else if (argv[i][0] == '-' && argv[i][1]) {
			if (one_flag(p, argc, argv, &i, seen, err) < 0)
				return -1;
		} else {
			p->args[p->n_args++] = argv[i];
		}
	}
	return 0;
}

static int user_file(struct qf_opt_parse *p, struct qf_err *err)
{
	const char *home = getenv("XDG_CONFIG_HOME");
	QF_AUTO_FREE char *file = NULL;

	if (home && *home)
		file = qf_asprintf("%s/fortress/config.yaml", home);
	else if ((home = getenv("HOME")) && *home)
		file = qf_asprintf("%s/.config/fortress/config.yaml", home);
	if (!file || access(file, F_OK) < 0)
		return 0;
	return qf_conf_read(&p->user, file, err);
}

/* A misspelt key in a plan must not be passed over: what it meant would silently not happen. */
static int check_section(struct qf_opt_parse *p, const char *section, struct qf_err *err)
{
	const struct qf_node *map = qf_node_get(p->plan.root, section);
	const char *names[256] = { "kind" };
	size_t n = 1;

	for (size_t g = 0; g < p->n_groups; g++)
		for (size_t i = 0; i < p->groups[g].n && n < QF_LEN(names); i++)
			if (p->groups[g].section && !strcmp(p->groups[g].section, section))
				names[n++] = p->groups[g].opts[i].name;
	return qf_node_check_keys(&p->plan, map, section, names, n, err);
}

int qf_opt_parse(struct qf_opt_parse *p, int argc, char **argv, const char *plan_file,
		 struct qf_err *err)
{
	const struct qf_conf *files[2] = { &p->user, &p->plan };

	for (size_t g = 0; g < p->n_groups; g++)
		for (size_t i = 0; i < p->groups[g].n; i++)
			if (set_default(&p->groups[g].opts[i], p->groups[g].base, &p->arena, err) < 0)
				return -1;
	if (user_file(p, err) < 0)
		return -1;
	if (plan_file && qf_conf_read(&p->plan, plan_file, err) < 0)
		return -1;
	for (size_t f = 0; f < 2; f++)
		for (size_t g = 0; g < p->n_groups; g++) {
			struct qf_opt_group *group = &p->groups[g];
			const struct qf_node *map =
				group->section ? qf_node_get(files[f]->root, group->section) : NULL;

			if (map && f == 1 && check_section(p, group->section, err) < 0)
				return -1;
			if (map && from_map(group->opts, group->n, group->base, files[f], map, &p->arena, err) < 0)
				return -1;
		}
	for (size_t g = 0; g < p->n_groups; g++)
		if (from_env(&p->groups[g], &p->arena, err) < 0)
			return -1;
	return from_flags(p, argc, argv, err);
}

void qf_opt_release(struct qf_opt_parse *p)
{
	qf_arena_release(&p->arena);
	qf_conf_release(&p->plan);
	qf_conf_release(&p->user);
}

const char *qf_opt_find_value(int argc, char **argv, const char *name, char letter)
{
	const char *found = NULL;
	size_t n = strlen(name);

	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *a = argv[i];

		if (a[0] == '-' && a[1] == '-' && !strncmp(a + 2, name, n)) {
			if (a[2 + n] == '=')
				found = a + 3 + n;
			else if (!a[2 + n] && i + 1 < argc)
				found = argv[++i];
		} else if (letter && a[0] == '-' && a[1] == letter) {
			if (a[2])
				found = a + 2;
			else if (i + 1 < argc)
				found = argv[++i];
		}
	}
	return found;
}

bool qf_opt_find_flag(int argc, char **argv, const char *name, char letter)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *a = argv[i];

		if (a[0] != '-')
			continue;
		if (a[1] == '-' ? !strcmp(a + 2, name) : letter && a[1] == letter && !a[2])
			return true;
	}
	return false;
}

static void help_line(const struct qf_opt *o, struct qf_buf *out)
{
	char left[96];
	const char *arg = o->type == QF_OPT_FLAG ? "" : o->type == QF_OPT_CHOICE ? o->choices
							: o->arg	      ? o->arg
									      : "VALUE";

	snprintf(left, sizeof(left), "%s%c%s--%s%s%s", o->letter ? "-" : " ", o->letter ? o->letter : ' ',
		 o->letter ? ", " : "  ", o->name, *arg ? " " : "", arg);
	if (strlen(left) > 27)
		qf_buf_printf(out, "  %s\n%*s", left, 30, "");
	else
		qf_buf_printf(out, "  %-27s ", left);
	qf_buf_puts(out, o->help);
	if (o->def && o->type != QF_OPT_FLAG)
		qf_buf_printf(out, " [%s]", o->def);
	qf_buf_puts(out, "\n");
}

void qf_opt_help(const struct qf_opt_group *groups, size_t n, struct qf_buf *out)
{
	bool any_env = false;

	for (size_t g = 0; g < n; g++) {
		if (groups[g].n)
			qf_buf_printf(out, "\n%s:\n", groups[g].title);
		for (size_t i = 0; i < groups[g].n; i++) {
			if (groups[g].opts[i].type != QF_OPT_SECRET && groups[g].opts[i].type != QF_OPT_NODE)
				help_line(&groups[g].opts[i], out);
			any_env |= groups[g].opts[i].env != NULL;
		}
	}
	if (!any_env)
		return;
	QF_BUF_LIT(out, "\nEnvironment:\n");
	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < groups[g].n; i++) {
			const struct qf_opt *o = &groups[g].opts[i];

			if (o->env && o->type == QF_OPT_SECRET)
				qf_buf_printf(out, "  %-27s %s; or %s_FILE, %s_COMMAND\n", o->env, o->help, o->env,
					      o->env);
			else if (o->env)
				qf_buf_printf(out, "  %-27s same as --%s\n", o->env, o->name);
		}
}

void qf_opt_data_settings(const struct qf_opt_group *groups, size_t n, struct qf_buf *out)
{
	for (size_t g = 0; g < n; g++) {
		for (size_t i = 0; i < groups[g].n; i++) {
			const struct qf_opt *o = &groups[g].opts[i];
			const void *field = (const char *)groups[g].base + o->offset;
			const struct qf_opt_list *list = field;

			if (!o->data)
				continue;
			qf_buf_printf(out, "%s=", o->name);
			switch (o->type) {
			case QF_OPT_FLAG:
				qf_buf_puts(out, *(const bool *)field ? "true" : "false");
				break;
			case QF_OPT_CHOICE:
				qf_buf_printf(out, "%d", *(const int *)field);
				break;
			case QF_OPT_UINT:
			case QF_OPT_SIZE:
				qf_buf_printf(out, "%llu", *(const unsigned long long *)field);
				break;
			case QF_OPT_SECONDS:
				qf_buf_printf(out, "%.17g", *(const double *)field);
				break;
			case QF_OPT_LIST:
			case QF_OPT_WORDS:
				for (size_t k = 0; k < list->n; k++)
					qf_buf_printf(out, "%zu:%s,", strlen(list->items[k]), list->items[k]);
				break;
			case QF_OPT_TEXT:
				qf_buf_puts(out, *(const char *const *)field ? *(const char *const *)field : "");
				break;
			case QF_OPT_NODE:
			case QF_OPT_SECRET:
				break;
			}
			qf_buf_addc(out, '\n');
		}
	}
}
