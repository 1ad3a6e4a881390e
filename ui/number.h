/* number.h: a kernel's numbers as people read them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* In as few digits as give the same float back. */
char *cn_number_exact (double number);

/* In at most about seven characters, or, if they shall be few, five: for a small cell. */
char *cn_number_short (double number, gboolean few);
