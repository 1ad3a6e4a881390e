/* lanes.c: memory for batches in lanes, and the choice of their loops.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/lanes.h"

#include <stdlib.h>
#include <string.h>

#include "filters/core/error.h"
#include "filters/primitives/cpu.h"

gsize
cn_lanes_plane (const CnLanes *lanes)
{
  return (gsize) lanes->height * lanes->width * CN_LANES;
}

gsize
cn_lanes_block (const CnLanes *lanes)
{
  return lanes->channels * cn_lanes_plane (lanes);
}

gboolean
cn_lanes_alloc (CnLanes *lanes, gsize slack, GError **error)
{
  gsize bytes = CN_LANES * sizeof (float);
  gpointer data;

  if (!g_size_checked_mul (&bytes, bytes, lanes->blocks)
      || !g_size_checked_mul (&bytes, bytes, lanes->channels)
      || !g_size_checked_mul (&bytes, bytes, lanes->height)
      || !g_size_checked_mul (&bytes, bytes, lanes->width)
      || !g_size_checked_add (&bytes, bytes, slack * sizeof (float))
      || posix_memalign (&data, 64, bytes) != 0)
    {
      cn_set_error (error, CN_ERROR_MEMORY, "There is no memory for %d×%d×%d×%d numbers",
                    lanes->blocks * CN_LANES, lanes->channels, lanes->height, lanes->width);
      return FALSE;
    }
  memset (data, 0, bytes);
  lanes->data = data;
  return TRUE;
}

void
cn_lanes_clear (CnLanes *lanes)
{
  free (lanes->data);
  lanes->data = NULL;
}

const CnLanesLoops *
cn_lanes_loops (void)
{
#ifdef CN_HAVE_X86
  /* The levels that CONVNET_CPU names end with AVX2; with none named AVX-512 goes beyond it. */
  if (cn_cpu_level () >= CN_CPU_AVX2)
    return __builtin_cpu_supports ("avx512f")
                   && g_strcmp0 (g_getenv ("CONVNET_CPU"), cn_cpu_name (CN_CPU_AVX2)) != 0
               ? &cn_lanes_loops_avx512
               : &cn_lanes_loops_avx2;
#endif
  return &cn_lanes_loops_scalar;
}
