/* level.c: the primitives of a CPU level, for a test that runs at every level.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/primitives/level.h"

const CnPrimitives *
level_primitives (CnCpuLevel level)
{
  g_autofree char *why = NULL;

  if (cn_cpu_has (level))
    return cn_primitives_for (level);
  why = g_strdup_printf ("this machine or this build has no %s", cn_cpu_name (level));
  g_test_skip (why);
  return NULL;
}

void
level_add_test (const char *primitive, const char *name, GTestDataFunc test)
{
  for (int level = 0; level < CN_CPU_LEVELS; level++)
    {
      g_autofree char *path = g_strdup_printf ("/%s/%s/%s", primitive, cn_cpu_name (level), name);

      g_test_add_data_func (path, GINT_TO_POINTER (level), test);
    }
}
