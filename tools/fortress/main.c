/* fortress: finds the program of a command and becomes it. `fortress load` runs fortress-load. */
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/tool.h"

struct command {
	const char *name, *usage, *help;
};

static const struct command commands[] = {
	{ "migrate", "PLAN", "the whole way by one plan: extract, transform, load, check" },
	{ "extract", "SOURCE", "a source as a stream on standard output" },
	{ "transform", "[-c MAPPING]", "a stream by the steps of a mapping" },
	{ "load", "TARGET", "a stream into a target" },
	{ "verify", "", "source or stream against target, point by point" },
	{ "align", "[PATH..]", "rewrite deprecated imports, flag forbidden systems" },
	{ "collection", "", "declared collections, payload indexes, alias switch and rollback" },
	{ "snapshot", "", "snapshots of the target: create, keep, restore, rehearse" },
	{ "search", "", "one query from the shell" },
	{ "serve", "", "search as an HTTP service" },
	{ "validate", "", "the service level check" },
	{ "doctor", "", "what is reachable, allowed and large enough, and what to do next" },
};

static const char exit_codes[] =
	"Exit status of every command:\n"
	"    0  done\n"
	"    1  differences or findings\n"
	"    3  done but not whole: points were rejected, or a scope could not be read\n"
	"   64  usage\n"
	"   65  bad data or a damaged stream\n"
	"   66  no such input, collection or tenant\n"
	"   69  a server cannot be reached\n"
	"   70  a fault of this program\n"
	"   73  an output cannot be created\n"
	"   74  input or output failed\n"
	"   75  broken off; run the same command again\n"
	"   76  the other side does not speak the protocol\n"
	"   77  not allowed\n"
	"   78  bad configuration\n"
	"  130, 141, 143  ended by Ctrl-C, a closed pipe, SIGTERM\n";

/* The program of a command: beside this one, else on PATH. False where there is none. */
static bool find_program(const char *name, char path[PATH_MAX])
{
	const char *dir = qf_tool_dir(), *list = getenv("PATH");

	snprintf(path, PATH_MAX, "%s/fortress-%s", dir, name);
	if (*dir && access(path, X_OK) == 0)
		return true;
	while (list && *list) {
		size_t n = strcspn(list, ":");

		snprintf(path, PATH_MAX, "%.*s/fortress-%s", (int)n, list, name);
		if (n && access(path, X_OK) == 0)
			return true;
		list += n + (list[n] == ':');
	}
	return false;
}

static void show_help(FILE *to)
{
	char path[PATH_MAX], left[64];

	fprintf(to, "Usage: fortress COMMAND [ARGUMENT..]\n\n"
		    "Moves vector collections into Qdrant and compares the counts of both sides.\n\n"
		    "  fortress migrate configs/migrate.yaml\n"
		    "  fortress extract weaviate --collection A | fortress load qdrant\n\nCommands:\n");
	/* Only what this installation has. */
	for (size_t i = 0; i < QF_LEN(commands); i++) {
		if (!find_program(commands[i].name, path))
			continue;
		snprintf(left, sizeof(left), "%s %s", commands[i].name, commands[i].usage);
		fprintf(to, "  %-24s %s\n", left, commands[i].help);
	}
	fprintf(to, "\n'fortress help COMMAND' or 'fortress COMMAND --help' tells about one;\n"
		    "'fortress help exit' lists the exit statuses.\n");
}

static int unknown(const char *name, struct qf_err *err)
{
	const char *names[QF_LEN(commands)], *near;
	char path[PATH_MAX];
	size_t n = 0;

	for (size_t i = 0; i < QF_LEN(commands); i++)
		if (find_program(commands[i].name, path))
			names[n++] = commands[i].name;
	for (size_t i = 0; i < QF_LEN(commands); i++)
		if (!strcmp(name, commands[i].name))
			return qf_err_set(err, QF_E_USAGE,
					  "fortress-%s is neither beside this program nor on PATH; install it or build it",
					  name);
	near = qf_str_nearest(name, names, n);
	if (near)
		return qf_err_set(err, QF_E_USAGE, "there is no command '%s'; did you mean '%s'?", name, near);
	return qf_err_set(err, QF_E_USAGE, "there is no command '%s'; 'fortress --help' lists them", name);
}

/* A name is part of a path here, so it must be a plain word. */
static bool is_word(const char *name)
{
	return *name && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) && *name != '-';
}

/* Becomes the command. Comes back only with a failure. */
static int become(const char *name, char **args, struct qf_err *err)
{
	char path[PATH_MAX];

	if (!is_word(name) || !find_program(name, path))
		return unknown(name, err);
	args[0] = path;
	execv(path, args);
	return qf_err_errno(err, QF_E_IO, errno, "cannot run %s", path);
}

static int help(int argc, char **argv, struct qf_err *err)
{
	char *args[] = { NULL, (char *)"--help", NULL };

	if (argc < 3) {
		show_help(stdout);
		return 0;
	}
	if (!strcmp(argv[2], "exit")) {
		fputs(exit_codes, stdout);
		return 0;
	}
	return become(argv[2], args, err);
}

static int run(int argc, char **argv, struct qf_err *err)
{
	if (argc < 2) {
		show_help(stderr);
		return QF_E_USAGE;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return help(argc, argv, err);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("fortress %s\n", qf_version);
		return 0;
	}
	if (argv[1][0] == '-')
		return qf_err_set(err, QF_E_USAGE, "'%s': a command comes first; 'fortress --help' lists them", argv[1]);
	return become(argv[1], argv + 1, err);
}

int main(int argc, char **argv)
{
	struct qf_err err = { 0 };
	int rc;

	qf_log_init("fortress", QF_LOG_INFO, false);
	rc = run(argc, argv, &err);
	return qf_tool_finish(rc, &err);
}
