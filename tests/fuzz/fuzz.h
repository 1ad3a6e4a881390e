/* fuzz.h: the function that libFuzzer and the replayer call.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Does with the bytes what the target is there for; always 0. */
int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize n);
