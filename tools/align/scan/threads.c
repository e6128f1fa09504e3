/* Threads for the walk and the scan. */
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>

#include "common/base/mem.h"
#include "tools/align/scan/threads.h"

enum { MOST = 8 };

struct task {
	void (*work)(void *item);
	void *item;
	pthread_t thread;
	bool runs;
};

unsigned qf_threads_count(void)
{
	cpu_set_t set;
	int n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	return n < 1 ? 1 : n > MOST ? MOST : (unsigned)n;
}

static void *start(void *arg)
{
	struct task *task = arg;

	task->work(task->item);
	return NULL;
}

void qf_threads_run(unsigned n, void (*work)(void *item), void *items, size_t size)
{
	QF_AUTO_FREE struct task *tasks = qf_calloc(n, sizeof(*tasks));

	for (unsigned i = 1; i < n; i++) {
		tasks[i] = (struct task){ .work = work, .item = (char *)items + i * size };
		tasks[i].runs = pthread_create(&tasks[i].thread, NULL, start, &tasks[i]) == 0;
	}
	work(items);
	for (unsigned i = 1; i < n; i++) {
		if (tasks[i].runs)
			pthread_join(tasks[i].thread, NULL);
		else
			work(tasks[i].item);
	}
}
