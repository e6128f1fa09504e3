#include "common/net/pg.h"

#include <libpq-fe.h>
#include <poll.h>

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/base/retry.h"
#include "common/base/sig.h"
#include "common/data/record.h"

struct qf_pg {
	PGconn *conn;
	PGresult *answer;
	char *conninfo, *sql, *name;
	double timeout;
};

/* ---- waiting ---- */

/* Until the socket can be read (or written), the deadline or a stop signal. */
static int wait_socket(struct qf_pg *pg, bool write, double until, struct qf_err *err)
{
	for (;;) {
		struct pollfd fds[2] = { { .fd = PQsocket(pg->conn), .events = write ? POLLOUT : POLLIN },
					 { .fd = qf_sig_fd(), .events = POLLIN } };
		double left = until - qf_now();
		int rc;

		if (qf_sig_check(err) < 0)
			return -1;
		if (left <= 0) {
			qf_err_set(err, QF_E_UNAVAILABLE, "%s: no answer within %.0f s", pg->name, pg->timeout);
			err->retry = true;
			return -1;
		}
		rc = poll(fds, fds[1].fd >= 0 ? 2 : 1, left > 3600 ? 3600000 : (int)(left * 1000) + 1);
		if (rc > 0 && fds[0].revents)
			return 0;
	}
}

/* ---- the connection ---- */

static int connection_error(struct qf_pg *pg, struct qf_err *err)
{
	bool secret = PQconnectionNeedsPassword(pg->conn) || PQconnectionUsedPassword(pg->conn);

	qf_err_set(err, secret ? QF_E_ACCESS : QF_E_UNAVAILABLE, "%s: %s", pg->name, PQerrorMessage(pg->conn));
	if (PQconnectionNeedsPassword(pg->conn))
		qf_err_hint(err, "; set PGPASSWORD, or write ~/.pgpass");
	err->retry = !secret;
	return -1;
}

static void set_name(struct qf_pg *pg)
{
	const char *host = PQhost(pg->conn), *db = PQdb(pg->conn), *port = PQport(pg->conn);

	free(pg->name);
	pg->name = qf_asprintf("PostgreSQL, database '%s' on %s:%s", db ? db : "", host ? host : "", port ? port : "");
}

static int run_connect(struct qf_pg *pg, struct qf_err *err)
{
	double until = qf_now() + pg->timeout;
	PostgresPollingStatusType state = PGRES_POLLING_WRITING;

	while (state != PGRES_POLLING_OK) {
		if (state == PGRES_POLLING_FAILED)
			return connection_error(pg, err);
		if (wait_socket(pg, state == PGRES_POLLING_WRITING, until, err) < 0)
			return -1;
		state = PQconnectPoll(pg->conn);
	}
	return 0;
}

static int finish_answer(struct qf_pg *pg, struct qf_err *err);

static int connect_now(struct qf_pg *pg, struct qf_err *err)
{
	static const char *const words[] = { "dbname", "client_encoding", "fallback_application_name", NULL };
	/* Texts of dates are the same whoever asks. */
	static const char settings[] = "SET default_transaction_read_only = on; SET datestyle = ISO; SET timezone = UTC";
	const char *values[] = { pg->conninfo, "UTF8", "fortress", NULL };

	PQfinish(pg->conn);
	pg->conn = PQconnectStartParams(words, values, 1);
	if (!pg->conn)
		qf_malloc((size_t)-1 / 2);
	set_name(pg);
	if (PQstatus(pg->conn) == CONNECTION_BAD)
		return connection_error(pg, err);
	if (run_connect(pg, err) < 0)
		return -1;
	set_name(pg);
	if (!PQsendQuery(pg->conn, settings))
		return connection_error(pg, err);
	return finish_answer(pg, err);
}

int qf_pg_open(const char *conninfo, double timeout, struct qf_pg **ret, struct qf_err *err)
{
	struct qf_pg *pg = qf_calloc(1, sizeof(*pg));
	char *why = NULL;
	PQconninfoOption *parsed = PQconninfoParse(conninfo, &why);

	PQconninfoFree(parsed);
	PQfreemem(why);
	if (!parsed) {
		/* What libpq says of it may hold the password. */
		free(pg);
		return qf_err_set(err, QF_E_USAGE, "the address of PostgreSQL is neither a URI (postgresql://user@host/db) nor "
				  "words like 'host=db dbname=app'");
	}
	pg->conninfo = qf_strdup(conninfo);
	pg->name = qf_strdup("PostgreSQL");
	pg->timeout = timeout;
	if (connect_now(pg, err) < 0) {
		qf_pg_close(pg);
		return -1;
	}
	*ret = pg;
	return 0;
}

bool qf_pg_has_password(const char *conninfo)
{
	PQconninfoOption *parsed = PQconninfoParse(conninfo, NULL);
	bool found = false;

	for (PQconninfoOption *o = parsed; o && o->keyword; o++)
		found |= o->val && *o->val && strstr(o->keyword, "password") != NULL;
	PQconninfoFree(parsed);
	return found;
}

void qf_pg_close(struct qf_pg *pg)
{
	if (!pg)
		return;
	PQclear(pg->answer);
	PQfinish(pg->conn);
	free(pg->conninfo);
	free(pg->sql);
	free(pg->name);
	free(pg);
}

const char *qf_pg_name(const struct qf_pg *pg)
{
	return pg->name;
}

const char *qf_pg_quote(struct qf_pg *pg, const char *name, struct qf_arena *arena)
{
	char *quoted = PQescapeIdentifier(pg->conn, name, strlen(name));
	const char *ret;

	if (!quoted)
		qf_malloc((size_t)-1 / 2);
	ret = qf_arena_dup(arena, quoted, strlen(quoted)).p;
	PQfreemem(quoted);
	return ret;
}

/* ---- answers ---- */

/* Classes of SQLSTATE: https://www.postgresql.org/docs/15/errcodes-appendix.html */
static int answer_error(struct qf_pg *pg, const PGresult *result, struct qf_err *err)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	enum qf_code code = QF_E_PROTOCOL;
	bool retry = false;

	if (!state)
		state = "";
	if (!strncmp(state, "42501", 5) || !strncmp(state, "28", 2))
		code = QF_E_ACCESS;
	else if (!strncmp(state, "42", 2) || !strncmp(state, "25006", 5) || !strncmp(state, "3F", 2))
		code = QF_E_CONFIG;
	else if (!strncmp(state, "22", 2))
		code = QF_E_DATA;
	else if (!*state || !strncmp(state, "08", 2) || !strncmp(state, "53", 2) || !strncmp(state, "57P", 3) ||
		 !strncmp(state, "40", 2))
		code = QF_E_TEMP, retry = true;
	qf_err_set(err, code, "%s: %s%s%s%s", pg->name, words ? words : PQerrorMessage(pg->conn), *state ? " (" : "",
		   state, *state ? ")" : "");
	err->retry = retry;
	return -1;
}

static void cancel(struct qf_pg *pg)
{
	PGcancel *handle = PQgetCancel(pg->conn);
	char ignored[256];

	if (handle)
		PQcancel(handle, ignored, sizeof(ignored));
	PQfreeCancel(handle);
}

/* All results of what was sent; the last good one stays in pg->answer. */
static int finish_answer(struct qf_pg *pg, struct qf_err *err)
{
	double until = qf_now() + pg->timeout;
	int rc = 0;

	PQclear(pg->answer);
	pg->answer = NULL;
	for (;;) {
		ExecStatusType status;
		PGresult *result;

		while (PQisBusy(pg->conn)) {
			if (wait_socket(pg, false, until, err) < 0) {
				/* The connection still waits for this answer: it is of no use to others. */
				cancel(pg);
				PQfinish(pg->conn);
				pg->conn = NULL;
				return -1;
			}
			if (!PQconsumeInput(pg->conn))
				break;
		}
		result = PQgetResult(pg->conn);
		if (!result)
			return rc;
		status = PQresultStatus(result);
		if (rc == 0 && status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
			rc = answer_error(pg, result, err);
		PQclear(pg->answer);
		pg->answer = result;
	}
}

static enum qf_pg_kind kind_of(Oid array)
{
	/* Of the array types, in pg_type.dat; they never change. */
	switch (array) {
	case 1009: /* text */
	case 1015: /* varchar */
	case 1003: /* name */
		return QF_PG_TEXT;
	case 1005:
		return QF_PG_INT2;
	case 1007:
		return QF_PG_INT4;
	case 1016:
		return QF_PG_INT8;
	case 2951:
		return QF_PG_UUID;
	default:
		return QF_PG_OTHER;
	}
}

int qf_pg_prepare(struct qf_pg *pg, const char *sql, enum qf_pg_kind *kind, size_t *columns, struct qf_err *err)
{
	free(pg->sql);
	pg->sql = qf_strdup(sql);
	if (!PQsendPrepare(pg->conn, "", sql, 0, NULL))
		return connection_error(pg, err);
	if (finish_answer(pg, err) < 0)
		return -1;
	if (!PQsendDescribePrepared(pg->conn, ""))
		return connection_error(pg, err);
	if (finish_answer(pg, err) < 0)
		return -1;
	*kind = PQnparams(pg->answer) == 1 ? kind_of(PQparamtype(pg->answer, 0)) : QF_PG_OTHER;
	*columns = (size_t)PQnfields(pg->answer);
	return 0;
}

bool qf_pg_fits(enum qf_pg_kind kind, struct qf_str text)
{
	static const char *const most[] = { [QF_PG_INT2] = "32767", [QF_PG_INT4] = "2147483647",
					    [QF_PG_INT8] = "9223372036854775807" };
	uint8_t uuid[16];
	size_t n, digits;

	switch (kind) {
	case QF_PG_UUID:
		return qf_uuid_parse(text, uuid) == 0;
	case QF_PG_INT2:
	case QF_PG_INT4:
	case QF_PG_INT8:
		if (text.n && *text.p == '-')
			text.p++, text.n--;
		for (digits = 0; digits < text.n; digits++)
			if (text.p[digits] < '0' || text.p[digits] > '9')
				return false;
		/* The least number is one more than this, which no table of keys has. */
		n = strlen(most[kind]);
		return digits && (digits < n || (digits == n && memcmp(text.p, most[kind], n) <= 0));
	default:
		return true;
	}
}

static void array_text(const struct qf_str *keys, size_t n, struct qf_buf *out)
{
	qf_buf_addc(out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			qf_buf_addc(out, ',');
		qf_buf_addc(out, '"');
		for (size_t k = 0; k < keys[i].n; k++) {
			if (keys[i].p[k] == '"' || keys[i].p[k] == '\\')
				qf_buf_addc(out, '\\');
			qf_buf_addc(out, keys[i].p[k]);
		}
		qf_buf_addc(out, '"');
	}
	qf_buf_addc(out, '}');
	qf_buf_cstr(out);
}

int qf_pg_ask(struct qf_pg *pg, const struct qf_str *keys, size_t n, size_t *rows, struct qf_err *err)
{
	struct qf_retry retry = { .base = 0.2, .cap = 5, .max = 4, .seed = 1 };
	QF_AUTO_BUF struct qf_buf text = { 0 };
	const char *values[1];

	array_text(keys, n, &text);
	values[0] = text.p;
	for (;;) {
		int rc = pg->conn && PQstatus(pg->conn) == CONNECTION_OK ? 0 : connect_now(pg, err);
		double wait;

		if (rc == 0 && !PQsendQueryParams(pg->conn, pg->sql, 1, NULL, values, NULL, NULL, 0))
			rc = connection_error(pg, err);
		else if (rc == 0)
			rc = finish_answer(pg, err);
		if (rc == 0)
			break;
		if (!err->retry || (wait = qf_retry_next(&retry, 0)) < 0)
			return -1;
		qf_debug("%s; again in %.1f s", err->msg, wait);
		for (double until = qf_now() + wait, left; (left = until - qf_now()) > 0;) {
			struct pollfd fd = { .fd = qf_sig_fd(), .events = POLLIN };

			if (qf_sig_check(err) < 0)
				return -1;
			poll(&fd, fd.fd >= 0 ? 1 : 0, (int)(left * 1000) + 1);
		}
	}
	*rows = (size_t)PQntuples(pg->answer);
	return 0;
}

struct qf_str qf_pg_value(const struct qf_pg *pg, size_t row, size_t column)
{
	if (PQgetisnull(pg->answer, (int)row, (int)column))
		return (struct qf_str){ 0 };
	return (struct qf_str){ PQgetvalue(pg->answer, (int)row, (int)column),
				(size_t)PQgetlength(pg->answer, (int)row, (int)column) };
}
