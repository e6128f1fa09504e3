/*
 * The failure value. A caller owns it, callees fill it, main prints it: once, as one line.
 * The code of an error IS the exit status of the process, from the one table below.
 */
#ifndef QF_BASE_ERR_H
#define QF_BASE_ERR_H

#include <stdbool.h>

#include "common/base/str.h"

/* Exit statuses: stable, documented in the README and the man pages (64..78 as in sysexits). */
enum qf_code {
	QF_OK = 0,
	QF_E_DIFF = 1,	    /* differences or findings */
	QF_E_PARTIAL = 3,   /* done but not whole: rejected records, scopes that could not be read */
	QF_E_USAGE = 64,
	QF_E_DATA = 65,	    /* bad data or a damaged stream */
	QF_E_NOINPUT = 66,  /* no such file, collection or tenant */
	QF_E_UNAVAILABLE = 69, /* server not reachable */
	QF_E_BUG = 70,
	QF_E_CREATE = 73,   /* cannot create an output */
	QF_E_IO = 74,
	QF_E_TEMP = 75,	    /* try again to resume */
	QF_E_PROTOCOL = 76, /* the peer speaks otherwise than expected */
	QF_E_ACCESS = 77,   /* not allowed: key missing, wrong or too weak */
	QF_E_CONFIG = 78,
	QF_E_SIGINT = 130,
	QF_E_PIPE = 141,    /* the reader of our output is gone */
	QF_E_SIGTERM = 143,
};

struct qf_err {
	enum qf_code code;
	bool retry;	   /* the same request may succeed later */
	int detail;	   /* errno, HTTP status or gRPC status of the cause; 0 if none */
	double retry_after; /* seconds the server asked us to wait; 0 = it did not say */
	char msg[1536];
};

/* Both return -1, so that "return qf_err_set(...)" reads as what it is. */
int qf_err_set(struct qf_err *err, enum qf_code code, const char *fmt, ...) QF_PRINTF(3, 4);
/* Puts "<fmt>: " before the message, keeping everything else. */
int qf_err_wrap(struct qf_err *err, const char *fmt, ...) QF_PRINTF(2, 3);
/* Adds text behind the message: the next command, a hint. */
int qf_err_hint(struct qf_err *err, const char *fmt, ...) QF_PRINTF(2, 3);
/* A system call's failure: the message is "<fmt>: <strerror>"; ENOSPC gives a next step. */
int qf_err_errno(struct qf_err *err, enum qf_code code, int number, const char *fmt, ...)
	QF_PRINTF(4, 5);

#endif
