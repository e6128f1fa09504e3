#include "tools/transform/options.h"

#define AT(field) offsetof(struct qf_transform_args, field)

/* clang-format off */
const struct qf_opt qf_transform_opts[] = {
	{ .name = "step", .type = QF_OPT_LIST, .offset = AT(steps), .arg = "STEP",
	  .help = "a step behind those of the mapping, e.g. 'rename title=name'; repeatable" },
	{ .name = "reseal", .type = QF_OPT_FLAG, .offset = AT(reseal),
	  .help = "count and sign anew what a foreign tool in the pipe has edited" },
	{ .name = "on-error", .type = QF_OPT_CHOICE, .offset = AT(on_error), .choices = "stop|dead-letter",
	  .help = "a point that a step cannot take: stop, or set it aside and go on", .def = "stop" },
	{ .name = "dead-letter", .type = QF_OPT_TEXT, .offset = AT(dead_letter), .arg = "FILE",
	  .help = "where such points go, as a stream; implies --on-error=dead-letter" },
	{ .name = "explain", .type = QF_OPT_FLAG, .offset = AT(explain),
	  .help = "print each collection's schema and what each step changes in it, and write no stream" },
	{ .name = "try", .type = QF_OPT_UINT, .offset = AT(try), .arg = "N", .min = 1, .max = 1000,
	  .help = "print the first N points of each collection before and after, and write no stream" },
	{ .name = "vectors", .type = QF_OPT_CHOICE, .offset = AT(vectors), .choices = "keep|base64|json",
	  .def = "keep", .help = "how vectors are written" },
	{ .name = "output", .letter = 'o', .type = QF_OPT_TEXT, .offset = AT(output), .arg = "FILE",
	  .help = "write to this file, which appears once it is whole" },
	{ .name = "plain", .type = QF_OPT_FLAG, .offset = AT(plain), .help = "write NDJSON without zstd" },
	{ .name = "level", .type = QF_OPT_TEXT, .offset = AT(level), .arg = "N",
	  .help = "zstd level, -7 to 19; else a fast one into a pipe and 3 into a file" },
	{ .name = "max-line", .type = QF_OPT_SIZE, .offset = AT(max_line), .arg = "SIZE",
	  .help = "longest line that is taken", .def = "64MiB", .min = 1024, .max = 2ull << 30 },
	{ .name = "max-depth", .type = QF_OPT_UINT, .offset = AT(max_depth), .arg = "N",
	  .help = "deepest nesting of JSON that is taken", .def = "64", .min = 4, .max = 64 },
	{ .name = "max-window", .type = QF_OPT_UINT, .offset = AT(max_window), .arg = "LOG",
	  .help = "largest zstd window that is taken, as a power of 2", .def = "27", .min = 10, .max = 31 },
};
/* clang-format on */

const size_t qf_n_transform_opts = QF_LEN(qf_transform_opts);
