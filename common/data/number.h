/* Floating-point numbers as text that reads back to the same bits, independent of the locale. */
#ifndef QF_DATA_NUMBER_H
#define QF_DATA_NUMBER_H

#include "common/base/buf.h"

/*
 * Shortest decimal that reads back to the same float32 (resp. double); always with a '.' or an
 * exponent, so that it stays a float in every reader ("5.0"). Must be finite.
 */
void qf_f32_write(struct qf_buf *out, float v);
void qf_f64_write(struct qf_buf *out, double v);

/*
 * A JSON number's text as the nearest float32 / double, correctly rounded. -1 where it overflows
 * to infinity or is no number.
 */
int qf_f32_parse(struct qf_str text, float *ret) QF_CHECK;
int qf_f64_parse(struct qf_str text, double *ret) QF_CHECK;

#endif
