/* error.c: the engine's one error domain.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"

G_DEFINE_QUARK (cn - error - quark, cn_error)

gboolean
cn_in_range (int value, int low, int high, const char *name, GError **error)
{
  if (value >= low && value <= high)
    return TRUE;
  g_set_error (error, CN_ERROR, CN_ERROR_ARGUMENT, "%s is %d, and must be from %d to %d", name,
               value, low, high);
  return FALSE;
}
