/* fortress align: takes old systems out of a source tree, and keeps them out. */
#include <unistd.h>

#include "common/base/tool.h"
#include "tools/align/report/report.h"
#include "tools/align/run.h"

enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };

struct args {
	struct qf_align_args run;
	unsigned long long jobs;
	int colour;
};

#define AT(field) offsetof(struct args, field)

/* clang-format off */
static const struct qf_opt opts[] = {
	{ .name = "check", .type = QF_OPT_FLAG, .offset = AT(run.check),
	  .help = "tell what is found and what --fix would change; the default" },
	{ .name = "fix", .type = QF_OPT_FLAG, .offset = AT(run.fix),
	  .help = "rewrite and move files as the rules say, all or nothing" },
	{ .name = "dry-run", .letter = 'n', .type = QF_OPT_FLAG, .offset = AT(run.dry_run),
	  .help = "with --fix: show the diff and write nothing" },
	{ .name = "diff", .type = QF_OPT_FLAG, .offset = AT(run.diff),
	  .help = "print what --fix would do as a diff that git apply takes" },
	{ .name = "git", .type = QF_OPT_FLAG, .offset = AT(run.git),
	  .help = "with --fix: moves are made in git's index too" },
	{ .name = "audit", .type = QF_OPT_FLAG, .offset = AT(run.audit),
	  .help = "count files, lines and occurrences by system, category and folder" },
	{ .name = "compare", .type = QF_OPT_TEXT, .offset = AT(run.compare), .arg = "REF",
	  .help = "with --audit: the difference from this commit" },
	{ .name = "staged", .type = QF_OPT_FLAG, .offset = AT(run.staged),
	  .help = "look at what is staged for the next commit, as git's index has it" },
	{ .name = "null", .letter = 'z', .type = QF_OPT_FLAG, .offset = AT(run.null_names),
	  .help = "read the paths from standard input, a NUL behind each" },
	{ .name = "format", .type = QF_OPT_TEXT, .offset = AT(run.format), .arg = "FORM", .def = "text",
	  .help = "text, json, sarif, github or gitlab; of --audit: text, json or markdown" },
	{ .name = "output", .letter = 'o', .type = QF_OPT_TEXT, .offset = AT(run.output), .arg = "FILE",
	  .help = "write the report to this file, which appears once it is whole", .def = "-" },
	{ .name = "baseline", .type = QF_OPT_TEXT, .offset = AT(run.baseline), .arg = "FILE",
	  .help = "findings that are known; else " QF_BASELINE_FILE " beside the rules" },
	{ .name = "prune", .type = QF_OPT_FLAG, .offset = AT(run.prune),
	  .help = "take findings that are gone out of the baseline" },
	{ .name = "grow", .type = QF_OPT_FLAG, .offset = AT(run.grow),
	  .help = "put all findings into the baseline, new ones too" },
	{ .name = "color", .type = QF_OPT_CHOICE, .offset = AT(colour), .choices = "auto|always|never",
	  .help = "colours in text and diff; auto: on a terminal without NO_COLOR", .def = "auto" },
	{ .name = "jobs", .letter = 'j', .type = QF_OPT_UINT, .offset = AT(jobs), .arg = "N",
	  .help = "threads that read files; 0: one a processor", .def = "0", .max = 64 },
};
/* clang-format on */

static bool want_colour(const struct args *a)
{
	const char *no = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *term = getenv("TERM");

	if (a->colour != COLOUR_AUTO)
		return a->colour == COLOUR_ALWAYS;
	if (strcmp(a->run.output, "-") != 0 || (no && *no))
		return false;
	if (force && *force && strcmp(force, "0") != 0)
		return true;
	return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* init and undo are words in the first place; a path of that name is written ./init. */
static int dispatch(struct qf_align_args *run, struct qf_err *err)
{
	const char *verb = run->n_paths ? run->paths[0] : "";
	bool init = !strcmp(verb, "init"), undo = !strcmp(verb, "undo");

	if (!init && !undo)
		return qf_align_run(run, err);
	if (run->n_paths > 1)
		return qf_err_set(err, QF_E_USAGE, "align %s takes no paths ('%s'); a path of that name is written ./%s",
				  verb, run->paths[1], verb);
	run->n_paths = 0;
	return init ? qf_align_init(run, err) : qf_align_undo(run, err);
}

int main(int argc, char **argv)
{
	static const struct qf_tool tool = {
		.name = "align",
		.usage = "fortress align [OPTION..] [PATH..]\n"
			 "       fortress align init | undo",
		.summary = "Flags what still names a forbidden system, and rewrites Python imports of old modules.\n"
			   "Rules: " QF_RULES_FILE " in this folder or above it; else those that the program carries.\n"
			   "init writes such a file from what it finds; undo takes the last --fix back.",
		.more = "Exit status: 0 clean, 1 findings or pending rewrites, 64 usage, 65 something could not be\n"
			"read or parsed, 75 a file changed meanwhile or an earlier run was cut, 78 bad rules.",
		.has_json = true,
	};
	struct qf_std std = { 0 };
	struct args a = { 0 };
	struct qf_opt_parse p = {
		.groups = { { .title = "Options", .opts = opts, .n = QF_LEN(opts), .base = &a } },
		.n_groups = 1,
	};
	struct qf_err err = { 0 };
	int rc;

	rc = qf_tool_start(&tool, &std, &p, argc, argv, &err);
	if (rc == 0) {
		a.run.config = std.config;
		a.run.verbose = std.verbose;
		a.run.json = std.json;
		a.run.jobs = (unsigned)a.jobs;
		a.run.colour = want_colour(&a);
		a.run.paths = p.args;
		a.run.n_paths = p.n_args;
		rc = dispatch(&a.run, &err);
		/* The words that all commands share speak of records; what --fix puts before them stays. */
		if (rc < 0 && (err.code == QF_E_SIGINT || err.code == QF_E_SIGTERM) && !strncmp(err.msg, "stopped", 7))
			qf_err_set(&err, err.code, "stopped by %s; run the same command again",
				   err.code == QF_E_SIGINT ? "Ctrl-C" : "SIGTERM");
	} else if (rc == 1) {
		rc = 0;
	}
	qf_opt_release(&p);
	return qf_tool_finish(rc, &err);
}
