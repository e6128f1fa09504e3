/* Signals: one stop flag. SIGINT and SIGTERM set it; a second one ends the process at once. */
#ifndef QF_BASE_SIG_H
#define QF_BASE_SIG_H

#include "common/base/err.h"

/* Installs the handlers and ignores SIGPIPE (a write then fails with EPIPE). */
void qf_sig_init(void);
/* The signal that asked us to stop, or 0. */
int qf_sig_stopped(void);
/* If asked to stop: sets err (QF_E_SIGINT, QF_E_SIGTERM) and returns -1; else 0. */
int qf_sig_check(struct qf_err *err) QF_CHECK;
/*
 * While held (cleaning up after a stop: putting settings back), qf_sig_check says 0 and qf_sig_fd
 * -1, so that requests go through. A second signal still ends the process at once.
 */
void qf_sig_hold(bool on);
/* Readable as soon as a stop is asked for, so that a poll wakes; never read from it; -1 for none. */
int qf_sig_fd(void);

#endif
