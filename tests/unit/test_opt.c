/* Settings from flags, environment, plan, user file and defaults. */
#include <sys/stat.h>

#include "common/base/log.h"
#include "common/base/opt.h"
#include "tests/unit/unit.h"

struct settings {
	bool flag;
	const char *text, *secret;
	unsigned long long number, size;
	double seconds;
	int choice;
	struct qf_opt_list list, words;
};

#define AT(field) offsetof(struct settings, field)

static const struct qf_opt opts[] = {
	{ .name = "flag", .letter = 'f', .type = QF_OPT_FLAG, .offset = AT(flag), .env = "QF_FLAG",
	  .help = "a flag", .data = true },
	{ .name = "text", .letter = 't', .type = QF_OPT_TEXT, .offset = AT(text), .env = "QF_TEXT",
	  .def = "default", .arg = "WORD", .help = "a text", .data = true },
	{ .name = "number", .letter = 'n', .type = QF_OPT_UINT, .offset = AT(number), .env = "QF_NUMBER",
	  .def = "4", .min = 1, .max = 64, .help = "a number", .data = true },
	{ .name = "size", .type = QF_OPT_SIZE, .offset = AT(size), .env = "QF_SIZE", .def = "4MiB",
	  .min = 1024, .help = "a size", .data = true },
	{ .name = "seconds", .type = QF_OPT_SECONDS, .offset = AT(seconds), .env = "QF_SECONDS", .def = "60",
	  .help = "a time", .data = true },
	{ .name = "choice", .type = QF_OPT_CHOICE, .offset = AT(choice), .env = "QF_CHOICE",
	  .choices = "auto|grpc|rest", .def = "auto", .help = "a choice", .data = true },
	{ .name = "list", .type = QF_OPT_LIST, .offset = AT(list), .env = "QF_LIST", .help = "a list",
	  .data = true },
	{ .name = "words", .letter = 'w', .type = QF_OPT_WORDS, .offset = AT(words), .env = "QF_WORDS",
	  .help = "some words", .data = true },
	{ .name = "api-key", .type = QF_OPT_SECRET, .offset = AT(secret), .env = "QF_SECRET",
	  .help = "key of the server" },
};

static struct qf_err err;
static struct settings set;
static struct qf_opt_parse p;

/* Parses a command line of words separated by spaces; a plan of this text, or NULL. */
static int parse(const char *line, const char *plan)
{
	static char words[1024];
	char *argv[32] = { (char *)"tool" };
	const char *dir = unit_dir();
	QF_AUTO_FREE char *file = plan ? unit_file(dir, "plan.yaml", plan) : NULL;
	int argc = 1, rc;

	snprintf(words, sizeof(words), "%s", line);
	for (char *w = words; *w;) {
		size_t n = strcspn(w, " ");

		argv[argc++] = w;
		w += n;
		if (*w)
			*w++ = '\0';
	}
	set = (struct settings){ 0 };
	p = (struct qf_opt_parse){ .groups = { { .title = "Options", .opts = opts, .n = QF_LEN(opts),
						 .base = &set, .section = "source" } },
				   .n_groups = 1 };
	rc = qf_opt_parse(&p, argc, argv, file, &err);
	if (file)
		unlink(file);
	rmdir(dir);
	return rc;
}

/* No setting of the machine that runs the test counts. */
static void clean(void)
{
	for (size_t i = 0; i < QF_LEN(opts); i++)
		unsetenv(opts[i].env);
	unsetenv("QF_SECRET_FILE");
	unsetenv("QF_SECRET_COMMAND");
	setenv("XDG_CONFIG_HOME", "/nowhere", 1);
	setenv("HOME", "/nowhere", 1);
	qf_log_init("tool", QF_LOG_WARN, false);
}

static const char *joined(const struct qf_opt_list *list)
{
	static struct qf_buf b;

	qf_buf_reset(&b);
	for (size_t i = 0; i < list->n; i++)
		qf_buf_printf(&b, "%s%s", i ? "|" : "", list->items[i]);
	return qf_buf_cstr(&b);
}

START_TEST(defaults_and_flags)
{
	clean();
	ck_assert_int_eq(parse("", NULL), 0);
	ck_assert(!set.flag);
	ck_assert_str_eq(set.text, "default");
	ck_assert_uint_eq(set.number, 4);
	ck_assert_uint_eq(set.size, 4 << 20);
	ck_assert(set.seconds == 60);
	ck_assert_int_eq(set.choice, 0);
	ck_assert_uint_eq(set.list.n, 0);
	ck_assert_ptr_null(set.secret);
	qf_opt_release(&p);

	ck_assert_int_eq(parse("one --flag --text=x --number 7 --size 2k --seconds 0.5s --choice rest "
			       "--list a,b --list c --words a,b,,c --words d two -- --three -f", NULL), 0);
	ck_assert(set.flag);
	ck_assert_str_eq(set.text, "x");
	ck_assert_uint_eq(set.number, 7);
	ck_assert_uint_eq(set.size, 2048);
	ck_assert(set.seconds == 0.5);
	ck_assert_int_eq(set.choice, 2);
	ck_assert_str_eq(joined(&set.list), "a,b|c");
	ck_assert_str_eq(joined(&set.words), "a|b|c|d");
	ck_assert_uint_eq(p.n_args, 4);
	ck_assert_str_eq(p.args[0], "one");
	ck_assert_str_eq(p.args[1], "two");
	ck_assert_str_eq(p.args[2], "--three");
	ck_assert_str_eq(p.args[3], "-f");
	qf_opt_release(&p);

	ck_assert_int_eq(parse("-fn7 -t x - -wa,b", NULL), 0);
	ck_assert(set.flag);
	ck_assert_uint_eq(set.number, 7);
	ck_assert_str_eq(set.text, "x");
	ck_assert_str_eq(joined(&set.words), "a|b");
	ck_assert_str_eq(p.args[0], "-");
	qf_opt_release(&p);
	ck_assert_int_eq(parse("--flag --flag=false --text= --text=a=b", NULL), 0);
	ck_assert(!set.flag);
	ck_assert_str_eq(set.text, "a=b");
	qf_opt_release(&p);
}
END_TEST

START_TEST(precedence)
{
	const char *dir, *plan = "source:\n  text: plan\n  list: [p1, p2]\nother:\n  text: no\n";
	char *home, *fortress, *file;

	clean();
	dir = unit_dir();
	home = qf_strdup(dir);
	fortress = qf_asprintf("%s/fortress", home);
	mkdir(fortress, 0700);
	file = unit_file(fortress, "config.yaml", "source:\n  text: user\n  number: 9\n  words: [u]\n  unheard-of: 1\n");
	ck_assert_int_eq(parse("", NULL), 0);
	ck_assert_str_eq(set.text, "default");
	qf_opt_release(&p);

	setenv("XDG_CONFIG_HOME", home, 1);
	ck_assert_int_eq(parse("", NULL), 0);
	ck_assert_str_eq(set.text, "user");
	ck_assert_uint_eq(set.number, 9);
	ck_assert_str_eq(joined(&set.words), "u");
	qf_opt_release(&p);

	ck_assert_int_eq(parse("", plan), 0);
	ck_assert_str_eq(set.text, "plan");
	ck_assert_uint_eq(set.number, 9);
	ck_assert_str_eq(joined(&set.list), "p1|p2");
	qf_opt_release(&p);

	setenv("QF_TEXT", "env", 1);
	setenv("QF_LIST", "e", 1);
	ck_assert_int_eq(parse("", plan), 0);
	ck_assert_str_eq(set.text, "env");
	ck_assert_str_eq(joined(&set.list), "e");
	qf_opt_release(&p);

	/* A list of a higher place replaces the lower one; it does not add to it. */
	ck_assert_int_eq(parse("--text flag --list f1 --list f2", plan), 0);
	ck_assert_str_eq(set.text, "flag");
	ck_assert_str_eq(joined(&set.list), "f1|f2");
	qf_opt_release(&p);

	/* An empty variable is none. */
	setenv("QF_TEXT", "", 1);
	ck_assert_int_eq(parse("", plan), 0);
	ck_assert_str_eq(set.text, "plan");
	qf_opt_release(&p);
	unlink(file);
	rmdir(fortress);
	rmdir(home);
	free(file);
	free(fortress);
	free(home);
}
END_TEST

START_TEST(bad_flags)
{
	static const char *const cases[][2] = {
		{ "--numbr 3", "unknown option --numbr; did you mean --number?" },
		{ "--xyzzyplugh", "unknown option --xyzzyplugh; see --help" },
		{ "-x", "unknown option -x; see --help" },
		{ "-fx", "unknown option -x; see --help" },
		{ "--number", "--number needs a value: --number VALUE" },
		{ "-t", "-t needs a value: -t WORD" },
		{ "--number x", "--number: 'x' is not a whole number" },
		{ "--number -1", "--number: '-1' is not a whole number" },
		{ "--number 0", "--number: must be from 1 to 64" },
		{ "--number 65", "--number: must be from 1 to 64" },
		{ "-n 65", "-n: must be from 1 to 64" },
		{ "--size 4x", "--size: '4x' is not a size such as 4MiB" },
		{ "--size 5", "--size: must be at least 1024" },
		{ "--seconds soon", "--seconds: 'soon' is not a number of seconds" },
		{ "--seconds -1", "is not a number of seconds" },
		{ "--seconds nan", "is not a number of seconds" },
		{ "--seconds inf", "is not a number of seconds" },
		{ "--seconds 1h", "is not a number of seconds" },
		{ "--choice http", "--choice: 'http' is none of auto|grpc|rest" },
		{ "--choice auto|grpc", "is none of" },
		{ "--choice=", "--choice: '' is none of auto|grpc|rest" },
		{ "--flag=maybe", "--flag: 'maybe' is not true or false" },
		/* Secrets have no flag, and what looks like one is answered with the reason. */
		{ "--api-key s3cret", "secrets are not given as flags" },
		{ "--api-key=s3cret", "secrets are not given as flags" },
		{ "--password=s3cret", "secrets are not given as flags" },
		{ "--token s3cret", "secrets are not given as flags" },
	};

	clean();
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		ck_assert_msg(parse(cases[i][0], NULL) < 0, "taken: %s", cases[i][0]);
		ck_assert_int_eq(err.code, QF_E_USAGE);
		ck_assert_has(err.msg, cases[i][1]);
		ck_assert_has_not(err.msg, "s3cret");
		qf_opt_release(&p);
	}
}
END_TEST

START_TEST(bad_files_and_variables)
{
	static const char *const cases[][2] = {
		{ "source:\n  txt: x\n", "plan.yaml:2:3: source has no setting 'txt'; did you mean 'text'?" },
		{ "source:\n  number: many\n", "plan.yaml:2:3: number: 'many' is not a whole number" },
		{ "source:\n  number: [1]\n", "number must be a single value" },
		{ "source:\n  list: {a: 1}\n", "list must be a list" },
		{ "source:\n  list: [[a]]\n", "each item must be a single value" },
		{ "source:\n  api-key: s3cret\n", "set QF_SECRET, QF_SECRET_FILE or QF_SECRET_COMMAND" },
		{ "source: 5\n", "source must be a map of settings" },
	};

	clean();
	for (size_t i = 0; i < QF_LEN(cases); i++) {
		ck_assert_msg(parse("", cases[i][0]) < 0, "taken: %s", cases[i][0]);
		ck_assert_int_eq(err.code, QF_E_CONFIG);
		ck_assert_has(err.msg, cases[i][1]);
		ck_assert_has_not(err.msg, "s3cret");
		qf_opt_release(&p);
	}
	/* A plan may say what kind of source it is; a key with '_' is the same setting. */
	ck_assert_int_eq(parse("", "source:\n  kind: weaviate\n"), 0);
	qf_opt_release(&p);
	setenv("QF_NUMBER", "lots", 1);
	ck_assert_int_lt(parse("", NULL), 0);
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	ck_assert_has(err.msg, "QF_NUMBER: 'lots' is not a whole number");
	qf_opt_release(&p);
}
END_TEST

START_TEST(secrets)
{
	const char *dir;
	char *file, *empty;

	clean();
	dir = unit_dir();
	file = unit_file(dir, "key", "from-file\r\nsecond line\n");
	empty = unit_file(dir, "empty", "");
	setenv("QF_SECRET", "from-env", 1);
	setenv("QF_SECRET_FILE", file, 1);
	setenv("QF_SECRET_COMMAND", "echo from-command", 1);
	for (int i = 0; i < 3; i++) {
		static const char *const want[] = { "from-env", "from-file", "from-command" };
		static const char *const drop[] = { "QF_SECRET", "QF_SECRET_FILE", "QF_SECRET_COMMAND" };
		QF_AUTO_ARENA struct qf_arena a = { 0 };
		const char *got;

		ck_assert_int_eq(qf_secret_get("QF_SECRET", &a, &got, &err), 0);
		ck_assert_str_eq(got, want[i]);
		unsetenv(drop[i]);
	}
	ck_assert_int_eq(parse("", NULL), 0);
	ck_assert_ptr_null(set.secret);
	qf_opt_release(&p);

	setenv("QF_SECRET_FILE", empty, 1);
	ck_assert_int_lt(parse("", NULL), 0);
	ck_assert_has(err.msg, "is empty");
	ck_assert_int_eq(err.code, QF_E_CONFIG);
	qf_opt_release(&p);
	setenv("QF_SECRET_FILE", "/nowhere/key", 1);
	ck_assert_int_lt(parse("", NULL), 0);
	ck_assert_has(err.msg, "QF_SECRET_FILE: cannot read /nowhere/key");
	qf_opt_release(&p);
	unsetenv("QF_SECRET_FILE");

	setenv("QF_SECRET_COMMAND", "echo s3cret; exit 3", 1);
	ck_assert_int_lt(parse("", NULL), 0);
	ck_assert_has(err.msg, "QF_SECRET_COMMAND: the command failed");
	ck_assert_has_not(err.msg, "s3cret");
	qf_opt_release(&p);
	setenv("QF_SECRET_COMMAND", "true", 1);
	ck_assert_int_lt(parse("", NULL), 0);
	ck_assert_has(err.msg, "printed nothing");
	qf_opt_release(&p);
	setenv("QF_SECRET_COMMAND", "printf no-newline", 1);
	ck_assert_int_eq(parse("", NULL), 0);
	ck_assert_str_eq(set.secret, "no-newline");
	qf_opt_release(&p);
	unlink(file);
	unlink(empty);
	rmdir(dir);
	free(file);
	free(empty);
}
END_TEST

START_TEST(from_one_node)
{
	static const char *const also[] = { "rename" };
	QF_AUTO_ARENA struct qf_arena a = { 0 };
	static const char step[] = "text: x\nrename: {a: b}\nwords: a,b\n";
	struct qf_conf c;

	clean();
	setenv("QF_TEXT", "env", 1);
	ck_assert_int_eq(qf_conf_parse(&c, "m", step, strlen(step), &err), 0);
	ck_assert_int_eq(qf_opt_from_node(opts, QF_LEN(opts), &set, &c, c.root, "step", also, 1, &a, &err), 0);
	ck_assert_str_eq(set.text, "x");
	ck_assert_uint_eq(set.number, 4);
	ck_assert_str_eq(joined(&set.words), "a|b");
	ck_assert_int_lt(qf_opt_from_node(opts, QF_LEN(opts), &set, &c, c.root, "step", NULL, 0, &a, &err), 0);
	ck_assert_has(err.msg, "step has no setting 'rename'");
	qf_conf_release(&c);
	set = (struct settings){ 0 };
	ck_assert_int_eq(qf_opt_from_node(opts, QF_LEN(opts), &set, &c, NULL, "step", NULL, 0, &a, &err), 0);
	ck_assert_str_eq(set.text, "default");
}
END_TEST

START_TEST(raw_command_line)
{
	char *argv[] = { (char *)"x", (char *)"-c", (char *)"a", (char *)"--config=b", (char *)"--help",
			 (char *)"--", (char *)"--config", (char *)"c", (char *)"-v" };

	ck_assert_str_eq(qf_opt_find_value(QF_LEN(argv), argv, "config", 'c'), "b");
	ck_assert_str_eq(qf_opt_find_value(3, argv, "config", 'c'), "a");
	ck_assert_ptr_null(qf_opt_find_value(2, argv, "config", 'c'));
	ck_assert_ptr_null(qf_opt_find_value(QF_LEN(argv), argv, "conf", 0));
	ck_assert(qf_opt_find_flag(QF_LEN(argv), argv, "help", 'h'));
	ck_assert(!qf_opt_find_flag(QF_LEN(argv), argv, "verbose", 'v'));
	ck_assert(!qf_opt_find_flag(QF_LEN(argv), argv, "hel", 0));
}
END_TEST

START_TEST(help_and_chain)
{
	QF_AUTO_BUF struct qf_buf help = { 0 }, one = { 0 }, two = { 0 };

	clean();
	ck_assert_int_eq(parse("--list a,b --list c", NULL), 0);
	qf_opt_help(p.groups, 1, &help);
	ck_assert_has(qf_buf_cstr(&help), "-t, --text WORD             a text [default]\n");
	ck_assert_has(qf_buf_cstr(&help), "--choice auto|grpc|rest");
	ck_assert_has(qf_buf_cstr(&help), "QF_SECRET                   key of the server; or QF_SECRET_FILE, QF_SECRET_COMMAND\n");
	ck_assert_has(qf_buf_cstr(&help), "QF_TEXT                     same as --text\n");
	ck_assert_has_not(qf_buf_cstr(&help), "--api-key");
	qf_opt_data_settings(p.groups, 1, &one);
	ck_assert_str_eq(qf_buf_cstr(&one), "flag=false\ntext=default\nnumber=4\nsize=4194304\nseconds=60\n"
					    "choice=0\nlist=3:a,b,1:c,\nwords=\n");
	qf_opt_release(&p);
	/* Different lists must not give one text. */
	ck_assert_int_eq(parse("--list a --list b --list c", NULL), 0);
	qf_opt_data_settings(p.groups, 1, &two);
	ck_assert_str_ne(qf_buf_cstr(&one), qf_buf_cstr(&two));
	qf_opt_release(&p);
}
END_TEST

UNIT_MAIN("opt", 30, defaults_and_flags, precedence, bad_flags, bad_files_and_variables, secrets,
	  from_one_node, raw_command_line, help_and_chain)
