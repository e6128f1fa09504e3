/* What a file is, by its name: which words are comments in it, which are keys, which are dependencies. */
#include "tools/align/python/source.h"
#include "tools/align/scan/category_parts.h"

/* ---- languages ---- */

#define C_COMMENTS .line = { "//" }, .open = "/*", .close = "*/"

static const struct qf_language python = {
	.suffixes = "pyx pxd pxi bzl star sage",
	.line = { "#" },
	.quotes = "\"'",
	.imports = "import from cimport load",
	.triple = true,
	.code = QF_CAT_IDENTIFIER,
};

static const struct qf_language languages[] = {
	{ .suffixes = "js jsx ts tsx mjs cjs mts cts vue svelte astro coffee", C_COMMENTS, .quotes = "\"'`", .multi = "`",
	  .imports = "import export", .require = true, .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "c h cc cpp cxx hh hpp hxx m mm cu java kt kts scala sc swift cs dart groovy gradle jenkinsfile proto "
		      "thrift zig d vala fs fsx",
	  C_COMMENTS, .quotes = "\"'", .imports = "import using #include #import open", .triple = true,
	  .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "go", C_COMMENTS, .quotes = "\"'`", .multi = "`", .imports = "import", .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "rs", C_COMMENTS, .quotes = "\"", .imports = "use extern mod",
	  .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "php", .line = { "//", "#" }, .open = "/*", .close = "*/", .quotes = "\"'",
	  .imports = "use require require_once include include_once", .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "rb rake gemspec pl pm t r jl ex exs cr nim tcl awk cmake cmakelists.txt rakefile vagrantfile",
	  .line = { "#" }, .quotes = "\"'", .imports = "require require_relative use using library import alias include source",
	  .require = true, .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "sh bash zsh ksh fish dash bats ps1 psm1 make mk makefile gnumakefile justfile procfile bashrc "
		      "zshrc profile bash_profile",
	  .line = { "#" }, .quotes = "\"'", .shell = true, .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "sql ddl dml psql snowsql hql", .line = { "--" }, .open = "/*", .close = "*/", .quotes = "'",
	  .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "lua hs elm adb ads purs", .line = { "--" }, .open = "--[[", .close = "]]", .quotes = "\"",
	  .imports = "import require", .require = true, .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "tf tfvars hcl nomad", .line = { "#", "//" }, .open = "/*", .close = "*/", .quotes = "\"",
	  .code = QF_CAT_CONFIG },
	{ .suffixes = "css scss sass less styl", C_COMMENTS, .quotes = "\"'", .imports = "@import @use @forward",
	  .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "graphql gql", .line = { "#" }, .quotes = "\"", .triple = true, .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "clj cljs edn el lisp scm rkt", .line = { ";" }, .quotes = "\"", .multi = "\"",
	  .code = QF_CAT_IDENTIFIER },
	{ .suffixes = "erl hrl", .line = { "%" }, .quotes = "\"", .code = QF_CAT_IDENTIFIER },
};

static const struct qf_language *find_language(struct qf_str suffix)
{
	if (qf_is_listed(suffix, python.suffixes))
		return &python;
	for (size_t i = 0; i < QF_LEN(languages); i++)
		if (qf_is_listed(suffix, languages[i].suffixes))
			return &languages[i];
	return NULL;
}

/* ---- names ---- */

static const struct {
	enum qf_file_kind kind;
	const char *list;
} names[] = {
	{ QF_FILE_LOCK, "package-lock.json npm-shrinkwrap.json pnpm-lock.yaml yarn.lock bun.lock bun.lockb poetry.lock uv.lock "
			"pdm.lock pipfile.lock cargo.lock composer.lock gemfile.lock go.sum conda-lock.yml pixi.lock "
			"packages.lock.json flake.lock mix.lock pubspec.lock podfile.lock .package-lock.json "
			".terraform.lock.hcl" },
	{ QF_FILE_REQUIREMENTS, "gemfile" },
	{ QF_FILE_GO_MOD, "go.mod go.work" },
	{ QF_FILE_TOML, "pipfile" },
	{ QF_FILE_INI, ".editorconfig .gitconfig .gitmodules .npmrc .pypirc .flake8 .pylintrc .coveragerc .netrc" },
	{ QF_FILE_JSON, ".eslintrc .prettierrc .babelrc" },
	{ QF_FILE_DOCUMENT, "readme changelog changes license licence notice authors contributors contributing copying "
			    "history news install thanks .cursorrules .windsurfrules .clinerules" },
}, suffixes[] = {
	{ QF_FILE_DOCUMENT, "md markdown mdx mdc rst txt text adoc asciidoc html htm xhtml org tex textile wiki pod rtf man" },
	{ QF_FILE_NOTEBOOK, "ipynb" },
	{ QF_FILE_JSON, "json jsonc json5 jsonl ndjson geojson webmanifest map har avsc" },
	{ QF_FILE_YAML, "yaml yml" },
	{ QF_FILE_TOML, "toml" },
	{ QF_FILE_INI, "ini cfg conf config cnf properties service timer socket desktop editorconfig" },
	{ QF_FILE_XML, "xml xsd xsl svg csproj vbproj fsproj props targets plist xaml wsdl resx" },
	{ QF_FILE_DATA, "csv tsv log out diff patch psv" },
	{ QF_FILE_DOCKER, "dockerfile containerfile" },
	{ QF_FILE_ENV, "env envrc" },
	{ QF_FILE_LOCK, "lock lockfile" },
};

/* The part behind the last dot; of ".env" that is "env", of a name without one the whole. */
static struct qf_str suffix_of(struct qf_str name)
{
	const char *dot = memrchr(name.p, '.', name.n);

	if (!dot)
		return name;
	return (struct qf_str){ dot + 1, (size_t)(name.p + name.n - dot - 1) };
}

static bool starts_with(struct qf_str name, const char *word)
{
	return name.n >= strlen(word) && !strncasecmp(name.p, word, strlen(word));
}

/* requirements-dev.txt, dev_requirements.in, requirements/base.txt, constraints.txt */
static bool is_requirements(const char *path, struct qf_str name, struct qf_str suffix)
{
	return qf_is_listed(suffix, "txt in") &&
	       (strcasestr(name.p, "requirements") || starts_with(name, "constraints") || starts_with(name, "deps.") ||
		strstr(path, "requirements/"));
}

/* What a template is one of: Dockerfile.j2, .env.example, settings.yaml.tmpl */
static struct qf_str cut_template(struct qf_str name)
{
	for (;;) {
		struct qf_str suffix = suffix_of(name);

		if (suffix.n == name.n || suffix.n + 1 == name.n ||
		    !qf_is_listed(suffix, "j2 jinja jinja2 tmpl tpl template example sample dist bak backup orig old in erb"))
			return name;
		name.n -= suffix.n + 1;
	}
}

static bool find_name(struct qf_str name, struct qf_str suffix, enum qf_file_kind *kind)
{
	for (size_t i = 0; i < QF_LEN(names); i++) {
		if (qf_is_listed(name, names[i].list)) {
			*kind = names[i].kind;
			return true;
		}
	}
	for (size_t i = 0; i < QF_LEN(suffixes); i++) {
		if (qf_is_listed(suffix, suffixes[i].list)) {
			*kind = suffixes[i].kind;
			return true;
		}
	}
	return false;
}

/* A script by its first line. */
static const struct qf_language *find_by_head(struct qf_str head)
{
	static const char *const programs[][2] = { { "node", "js" }, { "ruby", "rb" }, { "perl", "pl" }, { "sh", "sh" } };
	struct qf_str line = head.n ? qf_line_around(head, 0) : head;

	if (!qf_str_starts(line, "#!"))
		return NULL;
	for (size_t i = 0; i < QF_LEN(programs); i++)
		if (qf_holds(line, programs[i][0]))
			return find_language(qf_str(programs[i][1]));
	return NULL;
}

enum qf_file_kind qf_file_kind_find(const char *path, struct qf_str head, const struct qf_language **language)
{
	const char *slash = strrchr(path, '/');
	struct qf_str name = qf_str(slash ? slash + 1 : path), suffix = suffix_of(name);
	enum qf_file_kind kind;

	*language = &python;
	if (qf_py_is_python(path, head))
		return QF_FILE_PYTHON;
	if (is_requirements(path, name, suffix))
		return QF_FILE_REQUIREMENTS;
	name = cut_template(name);
	suffix = suffix_of(name);
	if (qf_is_listed(suffix, "py pyi pyw"))
		return QF_FILE_CODE;
	/* .env.production, env.local, Dockerfile.gpu, compose.env */
	if (starts_with(name, ".env") || starts_with(name, "env."))
		return QF_FILE_ENV;
	if (starts_with(name, "dockerfile") || starts_with(name, "containerfile"))
		return QF_FILE_DOCKER;
	*language = find_language(name);
	if (*language)
		return QF_FILE_CODE;
	if (find_name(name, suffix, &kind))
		return kind;
	*language = find_language(suffix);
	if (!*language)
		*language = find_by_head(head);
	return *language ? QF_FILE_CODE : QF_FILE_PLAIN;
}
