/* Rows of the reader, written with every field in quotes, are read as the same rows again. */
#include "common/data/csv.h"
#include "tests/fuzz/fuzz.h"

struct rows {
	struct qf_buf text, shape; /* all fields with quotes; the bytes and places of every field */
	int end;
	struct qf_err err;
};

static void read_all(const char *p, size_t n, struct rows *out)
{
	FILE *in = fmemopen((void *)(n ? p : "\n"), n ? n : 1, "r");
	struct qf_csv csv = { .in = in, .name = "x", .limit = 4096 };
	const struct qf_csv_field *fields;
	uint64_t line, last = 0;
	size_t count, width = 0;

	while ((out->end = qf_csv_next(&csv, &fields, &count, &line, &out->err)) == 0) {
		FUZZ_CHECK(line > last, "line %llu behind line %llu", (unsigned long long)line,
			   (unsigned long long)last);
		FUZZ_CHECK(count && (!width || count == width), "%zu fields behind %zu", count, width);
		last = line;
		width = count;
		for (size_t i = 0; i < count; i++) {
			QF_BUF_LIT(&out->text, "\"");
			for (size_t k = 0; k < fields[i].text.n; k++) {
				if (fields[i].text.p[k] == '"')
					qf_buf_addc(&out->text, '"');
				qf_buf_addc(&out->text, fields[i].text.p[k]);
			}
			qf_buf_puts(&out->text, i + 1 < count ? "\"," : "\"\n");
			qf_buf_printf(&out->shape, "%zu:", fields[i].text.n);
			qf_buf_add_str(&out->shape, fields[i].text);
		}
		qf_buf_addc(&out->shape, '\n');
	}
	FUZZ_CHECK(out->end == 1 || out->err.msg[0], "an error without words");
	qf_csv_release(&csv);
	fclose(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rows one = { 0 }, two = { 0 };

	read_all((const char *)data, size, &one);
	if (one.text.n) {
		read_all(one.text.p, one.text.n, &two);
		FUZZ_CHECK(two.end == 1, "%s", two.err.msg);
		FUZZ_CHECK(qf_str_eq(qf_buf_str(&one.shape), qf_buf_str(&two.shape)), "other rows");
	}
	qf_buf_release(&one.text);
	qf_buf_release(&one.shape);
	qf_buf_release(&two.text);
	qf_buf_release(&two.shape);
	return 0;
}
