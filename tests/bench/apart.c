/* apart.c: work in a process of its own, for its memory to be measured.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/bench/bench.h"

#include "filters/core/error.h"

/* The most memory that a process has had which does `work`, in KiB; −1: it failed. */
static long
peak (BenchWork work, gpointer data)
{
  struct rusage usage = { 0 };
  int status = 1;
  pid_t child;

  fflush (NULL);
  malloc_trim (0); /* what was freed would be the child's without being counted */
  child = fork ();
  if (child == 0)
    _exit (!work || work (data) ? EXIT_SUCCESS : EXIT_FAILURE);
  if (child < 0 || wait4 (child, &status, 0, &usage) < 0 || status != 0)
    return -1;
  return usage.ru_maxrss;
}

double
bench_memory (BenchWork work, gpointer data)
{
  long nothing = peak (NULL, NULL), all = peak (work, data);

  return nothing < 0 || all < 0 ? -1 : (double) MAX (all - nothing, 0) * 1024;
}
