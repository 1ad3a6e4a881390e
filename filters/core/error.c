/* error.c: the engine's one error domain.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"

G_DEFINE_QUARK (cn - error - quark, cn_error)
