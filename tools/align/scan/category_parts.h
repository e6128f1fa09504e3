/* What the ways to tell a place's category share. Not for use outside of category*.c. */
#ifndef QF_ALIGN_CATEGORY_PARTS_H
#define QF_ALIGN_CATEGORY_PARTS_H

#include "tools/align/finding.h"

/* One place in a content that names the system. Sorted by `at`; a category is set for each. */
struct qf_hit {
	size_t at, n;
	struct qf_finding *finding;
	enum qf_category category;
};

/* How a file's places are told apart. */
enum qf_file_kind {
	QF_FILE_PLAIN,	      /* nothing known: comments and words */
	QF_FILE_DOCUMENT,     /* all DOCUMENT */
	QF_FILE_LOCK,	      /* all LOCK */
	QF_FILE_REQUIREMENTS, /* a dependency a line */
	QF_FILE_GO_MOD,
	QF_FILE_PYTHON,
	QF_FILE_NOTEBOOK,
	QF_FILE_JSON,
	QF_FILE_YAML,
	QF_FILE_TOML, /* [sections], key = value */
	QF_FILE_INI,  /* the same with : too, and lines that go on */
	QF_FILE_ENV,  /* NAME=value */
	QF_FILE_DOCKER,
	QF_FILE_XML,
	QF_FILE_DATA, /* tables, logs */
	QF_FILE_CODE, /* has a language */
};

/* What is to be known of a language that is no Python. */
struct qf_language {
	const char *suffixes;	/* "js ts", names of files that have none too */
	const char *line[2];	/* what begins a comment up to the line's end */
	const char *open, *close; /* of block comments, or NULL */
	const char *quotes;	/* of strings */
	const char *multi;	/* those of them that may hold line ends */
	const char *imports;	/* words that begin an import statement */
	bool triple;		/* three quotes are a quote of their own */
	bool shell;		/* a # in a word is none; NAME= and $NAME are environment variables */
	bool require;		/* require("..") and import("..") anywhere */
	enum qf_category code;	/* of what is neither comment nor string nor import */
};

/* The language is set where the kind is CODE or PYTHON. head: the first bytes of the file. */
enum qf_file_kind qf_file_kind_find(const char *path, struct qf_str head, const struct qf_language **language);

/* Each sets the category of all hits. */
void qf_category_code(const struct qf_language *language, struct qf_str content, struct qf_hit *hits, size_t n);
void qf_category_config(enum qf_file_kind kind, struct qf_str content, struct qf_hit *hits, size_t n);
void qf_category_json(struct qf_str content, struct qf_hit *hits, size_t n);
void qf_category_notebook(struct qf_str content, struct qf_hit *hits, size_t n);
/* -1 and nothing set: it is not Python that can be taken apart. */
int qf_category_python(const char *path, struct qf_str content, struct qf_hit *hits, size_t n);

/* ---- words ---- */

/* The letters, digits and _ around [at, at + n). */
struct qf_str qf_word_around(struct qf_str text, size_t at, size_t n);
/* UPPER_CASE with a _ in it. */
bool qf_word_is_env(struct qf_str word);
/*
 * What the word at `at` of a text is, by the word and what stands around it: SECRET ("secrets.X", "gh secret set X"),
 * ENV, HOST (URL, host name, host:port, image:tag), else `otherwise`.
 */
enum qf_category qf_word_category(struct qf_str text, size_t at, size_t n, enum qf_category otherwise);
/* Does a command in front of the place install packages ("pip install -q X")? */
bool qf_word_is_installed(struct qf_str text, size_t at);

/* The line of `at`, without its end. */
struct qf_str qf_line_around(struct qf_str content, size_t at);
/* The same, but no more than 512 bytes on either side. */
struct qf_str qf_line_near(struct qf_str content, size_t at);
/* The slice without blanks and tabs at its ends. */
struct qf_str qf_trim(struct qf_str s);
/* Is word one of those in a list with blanks between? */
bool qf_is_listed(struct qf_str word, const char *list);
/* Does the text hold the word, as bytes? */
bool qf_holds(struct qf_str text, const char *needle);

#endif
