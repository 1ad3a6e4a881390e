/* pages.h: the system's large pages, for memory that is written once from end to end: a fault of a
 * page costs more than the values in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Asks for large pages in memory that nothing has been written to yet. What is too small for one,
   or a system without them, stays as it is. The memory, which may be NULL, is freed as before. */
void cn_pages_prefer_large (gpointer memory, gsize bytes);
