/* primitives.c: builds the tables of inner loops, from the lowest CPU level to the highest.
 *
 * A level for another architecture (NEON) is a folder beside x86/, a static library with its own
 * flags in meson.build, a row in cpu.c and a line in the init function here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"

const CnPrimitives *
cn_primitives_for (CnCpuLevel level)
{
  static CnPrimitives tables[CN_CPU_LEVELS];
  static gsize built = 0;

  if (g_once_init_enter (&built))
    {
      for (int i = 0; i < CN_CPU_LEVELS; i++)
        {
          cn_correlate_init_scalar (&tables[i]);
          cn_correlate_planes_init_scalar (&tables[i]);
          cn_reduce_init_scalar (&tables[i]);
          cn_interleave_init_scalar (&tables[i]);
          cn_deinterleave_init_scalar (&tables[i]);
          cn_repeat_init_scalar (&tables[i]);
          cn_multiply_init_scalar (&tables[i]);
          cn_dot_init_scalar (&tables[i]);
          cn_multiply_pixels_init_scalar (&tables[i]);
          cn_multiply_phases_init_scalar (&tables[i]);
          cn_transpose_init_scalar (&tables[i]);
          cn_winograd_init_scalar (&tables[i]);
          cn_alpha_init_scalar (&tables[i]);
#ifdef CN_HAVE_X86
          if (i >= CN_CPU_AVX2)
            {
              cn_correlate_init_avx2 (&tables[i]);
              cn_correlate_three_init_avx2 (&tables[i]);
              cn_correlate_passes_init_avx2 (&tables[i]);
              cn_correlate_planes_init_avx2 (&tables[i]);
              cn_reduce_init_avx2 (&tables[i]);
              cn_interleave_init_avx2 (&tables[i]);
              cn_deinterleave_init_avx2 (&tables[i]);
              cn_repeat_init_avx2 (&tables[i]);
              cn_multiply_init_avx2 (&tables[i]);
              cn_dot_init_avx2 (&tables[i]);
              cn_multiply_pixels_init_avx2 (&tables[i]);
              cn_multiply_phases_init_avx2 (&tables[i]);
              cn_transpose_init_avx2 (&tables[i]);
              cn_winograd_init_avx2 (&tables[i]);
              cn_alpha_init_avx2 (&tables[i]);
            }
          if (i >= CN_CPU_AVX512)
            {
              cn_correlate_init_avx512 (&tables[i]);
              cn_correlate_passes_init_avx512 (&tables[i]);
              cn_correlate_planes_init_avx512 (&tables[i]);
              cn_reduce_init_avx512 (&tables[i]);
              cn_interleave_init_avx512 (&tables[i]);
              cn_deinterleave_init_avx512 (&tables[i]);
              cn_repeat_init_avx512 (&tables[i]);
              cn_multiply_init_avx512 (&tables[i]);
              cn_dot_init_avx512 (&tables[i]);
              cn_multiply_pixels_init_avx512 (&tables[i]);
              cn_multiply_phases_init_avx512 (&tables[i]);
              cn_transpose_init_avx512 (&tables[i]);
              cn_winograd_init_avx512 (&tables[i]);
              cn_alpha_init_avx512 (&tables[i]);
            }
#endif
        }
      g_once_init_leave (&built, 1);
    }
  return &tables[level];
}

const CnPrimitives *
cn_primitives (void)
{
  return cn_primitives_for (cn_cpu_level ());
}
