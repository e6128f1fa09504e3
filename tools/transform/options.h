/* The settings of `fortress transform` itself: flags, and keys under `transform:` of a mapping. */
#ifndef QF_TRANSFORM_OPTIONS_H
#define QF_TRANSFORM_OPTIONS_H

#include "common/base/opt.h"

enum { QF_ON_ERROR_STOP, QF_ON_ERROR_DEAD_LETTER };

struct qf_transform_args {
	struct qf_opt_list steps;
	bool reseal, plain, explain;
	int on_error;
	int vectors;		     /* 0 as they are, 1 base64, 2 json */
	const char *level, *output, *dead_letter;
	unsigned long long try, max_line, max_depth, max_window;
};

extern const struct qf_opt qf_transform_opts[];
extern const size_t qf_n_transform_opts;

#endif
