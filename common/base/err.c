#include "common/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

/*
 * Values of the user's data stand in messages. Control characters in them would forge lines or
 * drive the terminal, so they are shown as '?'.
 */
static void tame(char *text)
{
	for (unsigned char *p = (unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			*p = '?';
}

int qf_err_set(struct qf_err *err, enum qf_code code, const char *fmt, ...)
{
	va_list args;

	err->code = code;
	err->retry = false;
	err->detail = 0;
	err->retry_after = 0;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	tame(err->msg);
	return -1;
}

int qf_err_wrap(struct qf_err *err, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list args;
	size_t n;

	memcpy(old, err->msg, sizeof(old));
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", old);
	tame(err->msg);
	return -1;
}

int qf_err_hint(struct qf_err *err, const char *fmt, ...)
{
	size_t n = strlen(err->msg);
	va_list args;

	va_start(args, fmt);
	vsnprintf(err->msg + n, sizeof(err->msg) - n, fmt, args);
	va_end(args);
	tame(err->msg);
	return -1;
}

int qf_err_errno(struct qf_err *err, enum qf_code code, int number, const char *fmt, ...)
{
	va_list args;
	size_t n;

	qf_err_set(err, code, "%s", "");
	err->detail = number;
	va_start(args, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, args);
	va_end(args);
	n = strlen(err->msg);
	snprintf(err->msg + n, sizeof(err->msg) - n, ": %s%s", strerror(number),
		 number == ENOSPC ? "; free some room and run the same command again" : "");
	tame(err->msg);
	return -1;
}
