/* What the unit tests share: the main function, temporary files, captured standard error. */
#ifndef QF_TESTS_UNIT_H
#define QF_TESTS_UNIT_H

#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/buf.h"

/* The main function of a test program: its name, seconds for each test, the tests. */
#define UNIT_MAIN(title, seconds, ...) \
	int main(void) \
	{ \
		const TTest *tests[] = { __VA_ARGS__ }; \
\
		return unit_run((title), (seconds), tests, QF_LEN(tests)); \
	}

static inline int unit_run(const char *title, double seconds, const TTest *const *tests, size_t n)
{
	Suite *suite = suite_create(title);
	TCase *tcase = tcase_create(title);
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, seconds);
	for (size_t i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* Whole inputs of tests are cut to this many of them where the build says so. */
#ifdef QF_SLOW_TESTS
enum { UNIT_SLOW = 1 };
#else
enum { UNIT_SLOW = 0 };
#endif

/* splitmix64: the same numbers in every run. */
static inline uint64_t unit_random(uint64_t *seed)
{
	uint64_t z = *seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
	return z ^ (z >> 31);
}

/* A file that is gone with its descriptor, holding the bytes, read from its start. */
static inline int unit_memfd(const void *p, size_t n)
{
	int fd = memfd_create("unit", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t done = 0; done < n;) {
		ssize_t now = write(fd, (const char *)p + done, n - done);

		ck_assert_int_gt(now, 0);
		done += (size_t)now;
	}
	lseek(fd, 0, SEEK_SET);
	return fd;
}

/* All that the descriptor holds from its start, appended. */
static inline void unit_slurp(int fd, struct qf_buf *out)
{
	ssize_t n;

	lseek(fd, 0, SEEK_SET);
	while ((n = read(fd, qf_buf_room(out, 64 << 10), 64 << 10)) > 0)
		out->n += (size_t)n;
}

/* A new directory of this test; the path is static memory. */
static inline const char *unit_dir(void)
{
	static char path[64];

	snprintf(path, sizeof(path), "/tmp/qf-unit-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(path));
	return path;
}

/* dir/name with this text; the path is the caller's to free. */
static inline char *unit_file(const char *dir, const char *name, const char *text)
{
	char *path = qf_asprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
	return path;
}

/* From now on standard error goes to a file in memory, whose descriptor this is. */
static inline int unit_capture_stderr(void)
{
	int fd = unit_memfd("", 0);

	ck_assert_int_ge(dup2(fd, STDERR_FILENO), 0);
	return fd;
}

#define ck_assert_has(text, part) \
	ck_assert_msg(strstr((text), (part)) != NULL, "'%s' is not in '%s'", (part), (text))
#define ck_assert_has_not(text, part) \
	ck_assert_msg(strstr((text), (part)) == NULL, "'%s' is in '%s'", (part), (text))

#endif
