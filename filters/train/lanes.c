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
  static const CnLanesLoops *const levels[CN_CPU_LEVELS] = {
    [CN_CPU_SCALAR] = &cn_lanes_loops_scalar,
#ifdef CN_HAVE_X86
    [CN_CPU_AVX2] = &cn_lanes_loops_avx2,
    [CN_CPU_AVX512] = &cn_lanes_loops_avx512,
#endif
  };

  return levels[cn_cpu_level ()];
}
