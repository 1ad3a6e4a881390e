/* scratch.h: working memory that is kept for whoever works next.
 *
 * A network's layers follow each other in fractions of a millisecond, and each wants some MiB to
 * work in. Given back to the system, these would come again as pages that are cleared and faulted
 * in one by one: on two threads, a third of a small layer's time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* `bytes` bytes, which hold anything and begin at a cache line, to be given back with
   cn_scratch_give(). NULL where the system has no more. From any thread. */
gpointer cn_scratch_take (gsize bytes);

/* Blocks up to 8 MiB are kept, and 32 MiB of them all; others go back to the system. NULL is fine.
 */
void cn_scratch_give (gpointer memory);
