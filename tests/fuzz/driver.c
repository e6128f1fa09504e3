/*
 * Replays a folder of inputs without a fuzzing engine: each file, and each of its beginnings (of
 * long ones some), since most of what breaks a reader is an input that is cut.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "tests/fuzz/fuzz.h"

static void replay(const char *path)
{
	QF_AUTO_BUF struct qf_buf in = { 0 };
	int fd = open(path, O_RDONLY);
	size_t step;
	ssize_t n;

	FUZZ_CHECK(fd >= 0, "cannot open %s", path);
	while ((n = read(fd, qf_buf_room(&in, 65536), 65536)) > 0)
		in.n += (size_t)n;
	close(fd);
	step = in.n / 500 + 1;
	for (size_t cut = in.n % step; cut <= in.n; cut += step) {
		/* A copy of exact size, so that a sanitizer sees a read behind the end. */
		QF_AUTO_FREE uint8_t *exact = qf_malloc(cut);

		if (cut)
			memcpy(exact, in.p, cut);
		LLVMFuzzerTestOneInput(exact, cut);
	}
}

int main(int argc, char **argv)
{
	size_t count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *dir = opendir(argv[i]);
		struct dirent *e;

		FUZZ_CHECK(dir, "cannot open the folder %s", argv[i]);
		while ((e = readdir(dir))) {
			QF_AUTO_FREE char *path = qf_asprintf("%s/%s", argv[i], e->d_name);

			if (e->d_name[0] == '.')
				continue;
			replay(path);
			count++;
		}
		closedir(dir);
	}
	printf("%zu inputs\n", count);
	FUZZ_CHECK(count > 0, "no inputs");
	return 0;
}
