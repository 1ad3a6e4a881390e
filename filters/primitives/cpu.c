/* cpu.c: the CPU levels that primitives exist for, and which of them this machine has.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/cpu.h"

static const char *const names[CN_CPU_LEVELS] = {
  [CN_CPU_SCALAR] = "scalar",
  [CN_CPU_AVX2] = "avx2",
  [CN_CPU_AVX512] = "avx512",
};

const char *
cn_cpu_name (CnCpuLevel level)
{
  return names[level];
}

gboolean
cn_cpu_has (CnCpuLevel level)
{
  switch (level)
    {
    case CN_CPU_SCALAR:
      return TRUE;
#ifdef CN_HAVE_X86
    case CN_CPU_AVX2:
      return __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma");
    case CN_CPU_AVX512:
      return cn_cpu_has (CN_CPU_AVX2) && __builtin_cpu_supports ("avx512f")
             && __builtin_cpu_supports ("avx512vl") && __builtin_cpu_supports ("avx512dq")
             && __builtin_cpu_supports ("avx512bw");
#endif
    default:
      return FALSE;
    }
}

CnCpuLevel
cn_cpu_level (void)
{
  static gsize found = 0; /* the level + 1 */

  if (g_once_init_enter (&found))
    {
      const char *wanted = g_getenv ("CONVNET_CPU");
      int level = CN_CPU_LEVELS - 1;

      for (int i = 0; i < CN_CPU_LEVELS; i++)
        if (g_strcmp0 (wanted, names[i]) == 0)
          level = i;
      while (!cn_cpu_has (level))
        level--;
      g_once_init_leave (&found, (gsize) level + 1);
    }
  return (CnCpuLevel) (found - 1);
}
