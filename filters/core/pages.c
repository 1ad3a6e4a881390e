/* pages.c: the system's large pages, where there are such.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/pages.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

#ifdef MADV_HUGEPAGE

#define LARGE ((guintptr) 2 << 20)

void
cn_pages_prefer_large (gpointer memory, gsize bytes)
{
  guintptr first = ((guintptr) memory + LARGE - 1) / LARGE * LARGE;
  guintptr end = ((guintptr) memory + bytes) / LARGE * LARGE;

  /* Advice that is not taken changes nothing. */
  if (memory && first < end)
    madvise ((gpointer) first, end - first, MADV_HUGEPAGE);
}

#else

void
cn_pages_prefer_large (G_GNUC_UNUSED gpointer memory, G_GNUC_UNUSED gsize bytes)
{
}

#endif
