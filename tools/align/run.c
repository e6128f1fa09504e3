#include "tools/align/run.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/output.h"
#include "common/base/sig.h"
#include "tools/align/change/change.h"
#include "tools/align/names.h"
#include "tools/align/report/report.h"
#include "tools/align/rules/allow.h"
#include "tools/align/rules/baseline.h"
#include "tools/align/scan/scan.h"

struct run {
	const struct qf_align_args *args;
	struct qf_rules rules;
	struct qf_scan_names names;
	struct qf_baseline *baseline;
	char *baseline_file;
	struct qf_names skip;
	char today[16];
	struct qf_buf stdin_names;
	const char **paths;
	size_t n_paths;
	struct qf_arena arena;
};

/* One look at the tree: what is found, and what --fix would do. */
struct look {
	struct qf_files files;
	struct qf_result result;
	struct qf_changes changes;
	bool refused;
};

static void look_release(struct look *l)
{
	qf_changes_release(&l->changes);
	qf_files_release(&l->files);
	qf_result_release(&l->result);
	*l = (struct look){ 0 };
}

static void run_release(struct run *r)
{
	qf_baseline_free(r->baseline);
	free(r->baseline_file);
	qf_buf_release(&r->stdin_names);
	free(r->paths);
	qf_rules_release(&r->rules);
	qf_arena_release(&r->arena);
}

/* ---- what is asked for ---- */

static int check_flags(const struct qf_align_args *a, struct qf_err *err)
{
	const struct {
		bool wrong;
		const char *say;
	} rules[] = {
		{ a->check && a->fix, "--check and --fix are two things; --fix --dry-run shows what would change" },
		{ a->dry_run && !a->fix, "--dry-run goes with --fix; without --fix nothing is written anyway" },
		{ a->git && !a->fix, "--git goes with --fix" },
		{ a->staged && (a->fix || a->diff), "--staged looks at git's index, --fix and --diff at the files" },
		{ a->audit && (a->fix || a->diff || a->staged), "--audit counts; it goes with none of --fix, --diff, --staged" },
		{ a->compare && !a->audit, "--compare goes with --audit" },
		{ (a->prune || a->grow) && (a->fix || a->diff || a->audit || a->staged),
		  "--prune and --grow change the baseline; they go with none of --fix, --diff, --audit, --staged" },
		{ a->prune && (a->n_paths || a->null_names), "--prune looks at the whole tree; leave the paths out" },
		{ a->null_names && a->n_paths, "-z reads the paths from standard input; leave the others out" },
	};

	for (size_t i = 0; i < QF_LEN(rules); i++)
		if (rules[i].wrong)
			return qf_err_set(err, QF_E_USAGE, "%s", rules[i].say);
	return 0;
}

static const char *format_of(const struct qf_align_args *a)
{
	return a->json ? "json" : a->format;
}

static int check_format(const struct qf_align_args *a, struct qf_err *err)
{
	const char *name = format_of(a);

	if (a->json && strcmp(a->format, "text") != 0 && strcmp(a->format, "json") != 0)
		return qf_err_set(err, QF_E_USAGE, "--json and --format=%s are two things", a->format);
	if (a->audit) {
		if (strcmp(name, "text") != 0 && strcmp(name, "json") != 0 && strcmp(name, "markdown") != 0)
			return qf_err_set(err, QF_E_USAGE, "--format=%s: an audit is text, json or markdown", name);
	} else if (!qf_format_find(name)) {
		return qf_err_set(err, QF_E_USAGE, "--format=%s: use one of %s", name, qf_format_names());
	}
	return 0;
}

/* The day, for allowances that end; SOURCE_DATE_EPOCH makes a run repeatable. */
static void set_today(struct run *r)
{
	const char *fixed = getenv("SOURCE_DATE_EPOCH");
	unsigned long long seconds;
	time_t now = time(NULL);
	struct tm tm;

	if (fixed && qf_parse_uint(fixed, &seconds) == 0 && seconds < (1ull << 40))
		now = (time_t)seconds;
	gmtime_r(&now, &tm);
	strftime(r->today, sizeof(r->today), "%Y-%m-%d", &tm);
}

static int read_names(struct run *r, struct qf_err *err)
{
	struct qf_buf *b = &r->stdin_names;
	size_t cap = 0;
	ssize_t got;

	while ((got = read(STDIN_FILENO, qf_buf_room(b, 64 << 10), 64 << 10)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return qf_err_errno(err, QF_E_IO, errno, "cannot read the names on standard input");
		b->n += (size_t)got;
	}
	/* A last name may come without its NUL. */
	if (b->n && b->p[b->n - 1])
		qf_buf_addc(b, '\0');
	for (size_t at = 0; at < b->n; at += strlen(b->p + at) + 1) {
		if (!b->p[at])
			return qf_err_set(err, QF_E_USAGE, "an empty name on standard input; -z reads names with a NUL "
					  "behind each, as git diff -z --name-only writes them");
		QF_GROW(r->paths, r->n_paths, cap);
		r->paths[r->n_paths++] = b->p + at;
	}
	return 0;
}

static int open_baseline(struct run *r, struct qf_err *err)
{
	const struct qf_align_args *a = r->args;

	r->baseline_file = a->baseline ? qf_strdup(a->baseline) :
					 qf_asprintf("%s/" QF_BASELINE_FILE, r->rules.root);
	if (access(r->baseline_file, F_OK) == 0)
		return qf_baseline_read(r->baseline_file, &r->baseline, err);
	if (a->baseline && !a->grow)
		return qf_err_set(err, QF_E_CONFIG, "there is no baseline %s; 'fortress align --baseline %s --grow' makes one",
				  a->baseline, a->baseline);
	r->baseline = qf_baseline_new();
	return 0;
}

/* A baseline by another name, where it lies inside the root: it quotes what it allows. */
static void skip_baseline(struct run *r)
{
	QF_AUTO_FREE char *file = realpath(r->baseline_file, NULL), *root = realpath(r->rules.root, NULL);
	size_t n = root ? strlen(root) : 0;

	if (!file || !root || strncmp(file, root, n) != 0 || file[n] != '/')
		return;
	r->skip.items = qf_arena_alloc(&r->arena, sizeof(*r->skip.items));
	r->skip.items[0] = qf_arena_dup_str(&r->arena, qf_str(file + n + 1)).p;
	r->skip.n = 1;
}

static int read_rules(struct run *r, const struct qf_align_args *args, struct qf_err *err)
{
	char here[PATH_MAX];

	r->args = args;
	set_today(r);
	if (!getcwd(here, sizeof(here)))
		return qf_err_errno(err, QF_E_NOINPUT, errno, "cannot tell the current folder");
	return qf_rules_read(&r->rules, args->config, here, r->today, err);
}

static int run_open(struct run *r, const struct qf_align_args *args, struct qf_err *err)
{
	if (read_rules(r, args, err) < 0)
		return -1;
	qf_debug("rules: %s, root: %s", r->rules.file ? r->rules.file : "built in", r->rules.root);
	qf_scan_names_make(&r->rules, &r->arena, &r->names);
	if (open_baseline(r, err) < 0)
		return -1;
	skip_baseline(r);
	return 0;
}

/* ---- looking ---- */

static int look(struct run *r, const char *ref, bool plan, struct look *l, struct qf_err *err)
{
	const struct qf_align_args *a = r->args;
	struct qf_files_opts fo = {
		.root = r->rules.root,
		.paths = a->null_names ? r->paths : a->paths,
		.n_paths = a->null_names ? r->n_paths : a->n_paths,
		.staged = a->staged,
		.ref = ref,
		.exclude = r->rules.exclude,
	};
	QF_AUTO_FREE bool *candidate = NULL;
	struct qf_scan_opts so = {
		.files = &l->files, .rules = &r->rules, .names = &r->names, .today = r->today, .threads = a->jobs,
		.skip = r->skip,
	};

	if (qf_files_list(&fo, &l->files, &l->result, err) < 0)
		return -1;
	candidate = qf_calloc(l->files.n + 1, sizeof(*candidate));
	if (qf_scan_run(&so, candidate, &l->result, err) < 0)
		return -1;
	if (plan && qf_changes_plan(&l->files, candidate, &r->rules, &l->changes, &l->refused, &l->result, err) < 0)
		return -1;
	qf_result_sort(&l->result);
	qf_baseline_apply(r->baseline, &l->result);
	return qf_sig_check(err);
}

static bool was_seen(const char *path, void *ctx)
{
	const struct qf_files *f = ctx;
	size_t low = 0, high = f->n;

	if (f->whole)
		return true;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int d = strcmp(f->file[mid].path, path);

		if (!d)
			return true;
		if (d < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static void tell_stale(struct run *r, struct look *l)
{
	/* By its path from the root, where it has one: a report is the same in every folder. */
	const char *file = r->skip.n ? r->skip.items[0] : r->baseline_file;

	qf_allow_stale(&r->rules, l->files.whole, &l->result);
	qf_baseline_stale(r->baseline, file, was_seen, &l->files, &l->result);
	qf_result_sort(&l->result);
}

/* ---- telling ---- */

static int status_of(const struct look *l)
{
	for (size_t i = 0; i < l->result.n_notes; i++) {
		enum qf_note_kind kind = l->result.notes[i].kind;

		if (kind == QF_NOTE_UNREADABLE || kind == QF_NOTE_UNPARSABLE)
			return QF_E_DATA;
	}
	for (size_t i = 0; i < l->result.n; i++)
		if (l->result.findings[i].suppression == QF_COUNTS)
			return QF_E_DIFF;
	return l->refused ? QF_E_DIFF : 0;
}

static int put(const struct qf_align_args *a, const struct qf_buf *out, struct qf_err *err)
{
	return qf_write_file(a->output, out->p ? out->p : "", out->n, err);
}

static int report(struct run *r, struct look *l, size_t fixed, bool proved, struct qf_err *err)
{
	struct qf_report_opts opts = {
		.rules = &r->rules, .colour = r->args->colour, .verbose = r->args->verbose, .staged = r->args->staged,
		.proved = proved, .fixed_files = fixed, .fix = r->args->fix,
	};
	QF_AUTO_BUF struct qf_buf out = { 0 };

	tell_stale(r, l);
	opts.status = status_of(l);
	qf_format_find(format_of(r->args))->write(&l->result, &opts, &out);
	if (put(r->args, &out, err) < 0)
		return -1;
	return opts.status;
}

static int audit(struct run *r, struct look *l, struct qf_err *err)
{
	const struct qf_align_args *a = r->args;
	struct qf_report_opts opts = { .rules = &r->rules, .colour = a->colour, .verbose = a->verbose };
	const char *form = format_of(a);
	QF_AUTO_BUF struct qf_buf out = { 0 };
	struct look before = { 0 };
	int rc = 0;

	if (a->compare)
		rc = look(r, a->compare, false, &before, err);
	if (rc == 0) {
		opts.status = status_of(l);
		qf_audit_write(&l->result, a->compare ? &before.result : NULL, a->compare, &opts,
			       !strcmp(form, "json")	   ? QF_AUDIT_JSON :
			       !strcmp(form, "markdown") ? QF_AUDIT_MARKDOWN :
							   QF_AUDIT_TEXT,
			       &out);
		rc = put(a, &out, err);
	}
	look_release(&before);
	return rc < 0 ? -1 : opts.status;
}

static int update_baseline(struct run *r, struct look *l, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	size_t added = 0, removed = 0;
	struct stat st;

	qf_baseline_update(r->baseline, &l->result, r->args->prune, r->args->grow, &out, &added, &removed);
	if (!added && !removed && !(r->args->grow && access(r->baseline_file, F_OK) < 0)) {
		qf_info("%s: 0 findings added, 0 removed", r->baseline_file);
		return 0;
	}
	/* A link in the tree must not choose which file is written. */
	if (lstat(r->baseline_file, &st) == 0 && S_ISLNK(st.st_mode))
		return qf_err_set(err, QF_E_CREATE, "%s is a symbolic link, which is not written through", r->baseline_file);
	if (qf_write_file(r->baseline_file, out.p ? out.p : "", out.n, err) < 0)
		return -1;
	qf_info("%s: %zu findings added, %zu removed", r->baseline_file, added, removed);
	/* What follows is judged by what the next run will see. */
	qf_baseline_free(r->baseline);
	r->baseline = NULL;
	if (qf_baseline_read(r->baseline_file, &r->baseline, err) < 0)
		return -1;
	for (size_t i = 0; i < l->result.n; i++)
		if (l->result.findings[i].suppression == QF_BY_BASELINE)
			l->result.findings[i].suppression = QF_COUNTS;
	qf_baseline_apply(r->baseline, &l->result);
	return 0;
}

/* ---- changing ---- */

static int show_diff(struct run *r, const struct look *l, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf out = { 0 };
	size_t stay = 0;

	qf_changes_diff(&l->changes, r->args->colour, &out);
	if (put(r->args, &out, err) < 0)
		return -1;
	for (size_t i = 0; i < l->result.n; i++)
		stay += l->result.findings[i].kind == QF_LEFTOVER && l->result.findings[i].suppression == QF_COUNTS;
	for (size_t i = 0; i < l->result.n_notes; i++) {
		const struct qf_note *n = &l->result.notes[i];

		if (n->kind == QF_NOTE_PLAN || n->kind == QF_NOTE_UNREADABLE || n->kind == QF_NOTE_UNPARSABLE)
			qf_warn("%s: %s", n->path ? n->path : "rules", n->text);
	}
	if (l->refused)
		qf_warn("--fix would write nothing before that is settled");
	if (stay)
		qf_warn("%zu old names stay and need a look; 'fortress align' lists them", stay);
	qf_info("%zu files would change", l->changes.n);
	return status_of(l);
}

/* Writes the plan, then looks again: the second plan must be empty. */
static int fix(struct run *r, struct look *l, struct qf_err *err)
{
	struct qf_write_opts wo = {
		.root = r->rules.root, .git = r->args->git, .repository = l->files.repository,
	};
	size_t fixed = l->changes.n;

	if (r->args->git && !l->files.repository)
		return qf_err_set(err, QF_E_USAGE, "--git: %s is in no git work tree", r->rules.root);
	if (l->refused) {
		qf_warn("nothing was written: see what stands in the way");
		return report(r, l, 0, false, err);
	}
	if (!fixed)
		return report(r, l, 0, true, err);
	if (qf_changes_write(&l->changes, &wo, err) < 0)
		return -1;
	look_release(l);
	if (look(r, NULL, true, l, err) < 0)
		return qf_err_wrap(err, "%zu files were written ('fortress align undo' takes that back), then", fixed);
	return report(r, l, fixed, l->changes.n == 0 && !l->refused, err);
}

static int act(struct run *r, struct look *l, struct qf_err *err)
{
	const struct qf_align_args *a = r->args;

	if (a->audit)
		return audit(r, l, err);
	if (a->diff || a->dry_run)
		return show_diff(r, l, err);
	if (a->fix)
		return fix(r, l, err);
	if ((a->prune || a->grow) && update_baseline(r, l, err) < 0)
		return -1;
	return report(r, l, 0, false, err);
}

int qf_align_run(const struct qf_align_args *args, struct qf_err *err)
{
	struct run r = { 0 };
	struct look l = { 0 };
	int rc;

	rc = check_flags(args, err);
	if (rc == 0)
		rc = check_format(args, err);
	if (rc == 0)
		rc = run_open(&r, args, err);
	if (rc == 0 && args->null_names)
		rc = read_names(&r, err);
	if (rc == 0 && qf_changes_cut(r.rules.root)) {
		if (args->fix && !args->dry_run)
			rc = qf_err_set(err, QF_E_TEMP,
					"an earlier --fix was cut in the middle; 'fortress align undo' restores the files");
		else
			qf_warn("an earlier --fix was cut in the middle; 'fortress align undo' restores the files");
	}
	/* No names on standard input (nothing is staged, say) is no reason to look at everything. */
	if (rc == 0 && !(args->null_names && !r.n_paths)) {
		rc = look(&r, NULL, !args->audit, &l, err);
		if (rc == 0)
			rc = act(&r, &l, err);
	}
	look_release(&l);
	run_release(&r);
	return rc;
}

int qf_align_undo(const struct qf_align_args *args, struct qf_err *err)
{
	struct run r = { 0 };
	struct qf_write_opts wo = { 0 };
	size_t n = 0;
	int rc;

	rc = read_rules(&r, args, err);
	/* Of the rules only the folder counts here: that they are wrong shall not keep anybody from going back. */
	if (rc < 0 && err->code == QF_E_CONFIG && r.rules.root)
		rc = 0;
	if (rc == 0) {
		wo.root = r.rules.root;
		rc = qf_changes_undo(&wo, &n, err);
	}
	if (rc == 0)
		printf("%zu files are as they were before\n", n);
	run_release(&r);
	return rc;
}

/* A new file, never an old one. */
static int write_new(const char *path, const struct qf_buf *text, struct qf_err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	ssize_t got;

	if (fd < 0)
		return qf_err_errno(err, QF_E_CREATE, errno, "%s cannot be made", path);
	got = write(fd, text->p, text->n);
	if (close(fd) < 0 || got != (ssize_t)text->n) {
		unlink(path);
		return qf_err_errno(err, QF_E_IO, errno, "%s cannot be written", path);
	}
	return 0;
}

int qf_align_init(const struct qf_align_args *args, struct qf_err *err)
{
	QF_AUTO_BUF struct qf_buf text = { 0 };
	QF_AUTO_FREE char *path = NULL;
	struct run r = { 0 };
	struct look l = { 0 };
	int rc;

	rc = run_open(&r, args, err);
	if (rc == 0 && !r.rules.builtin)
		rc = qf_err_set(err, QF_E_CREATE, "%s is there already; edit it, or move it away first", r.rules.file);
	/* With a plan: mappings and moves that have something to do here go into the file too. */
	if (rc == 0)
		rc = look(&r, NULL, true, &l, err);
	if (rc == 0) {
		qf_rules_init(&r.rules, &l.result, &text);
		path = qf_asprintf("%s/" QF_RULES_FILE, r.rules.root);
		rc = write_new(path, &text, err);
	}
	if (rc == 0)
		printf("%s is written: look through it, then run 'fortress align'\n", path);
	look_release(&l);
	run_release(&r);
	return rc;
}
