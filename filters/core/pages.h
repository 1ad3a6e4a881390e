/* pages.h: the system's large pages, for memory that is written or read from end to end: a fault of
 * a page costs more than the values in it, and weights are more than the processor knows pages of
 * (the layers of AlexNet that are products of matrices take a tenth less time).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Asks for large pages in memory that nothing has been written to yet. What is too small for one,
   or a system without them, stays as it is. The memory, which may be NULL, is freed as before. */
void cn_pages_prefer_large (gpointer memory, gsize bytes);
