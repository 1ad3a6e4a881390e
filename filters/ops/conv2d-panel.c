/* conv2d-panel.c: panels, filters of a group whose weights stand side by side as a product of
 * matrices takes them. SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"
#include "filters/primitives/primitives.h"

/* Filters of a group, in whole lanes. */
static int
row_of (const CnConv2dOptions *o)
{
  int lanes = CN_CONV2D_PANEL_LANES;

  return (o->out_channels / o->groups + lanes - 1) / lanes * lanes;
}

/* Of a group. */
static int
panels_of (const CnConv2dOptions *o)
{
  return (row_of (o) - 1) / CN_PRODUCT_PANEL + 1;
}

int
cn_conv2d_panels (const CnConv2dOptions *o)
{
  return o->groups * panels_of (o);
}

gsize
cn_conv2d_panel_floats (const CnConv2dOptions *o)
{
  return (gsize) o->groups * row_of (o);
}

/* Whether a panel of one vector is left over, which then makes two panels of two with the one
   before it. AVX2's vectors are half as long. 3×3 64→64 on 56×56, ms with 48 and 16 filters and
   with 32 and 32: 0.386 and 0.351 (AVX-512), 0.579 and 0.619 (AVX2). */
static gboolean
is_even (const CnConv2dOptions *o)
{
  return row_of (o) > CN_PRODUCT_PANEL && row_of (o) % CN_PRODUCT_PANEL == CN_CONV2D_PANEL_LANES
         && cn_cpu_level () == CN_CPU_AVX512;
}

CnConv2dPanel
cn_conv2d_panel (const CnConv2dOptions *o, int index)
{
  int row = row_of (o), panels = panels_of (o), i = index % panels;
  int group = index / panels, group_out = o->out_channels / o->groups;
  gboolean even = is_even (o);
  int first = i * CN_PRODUCT_PANEL - (even && i == panels - 1 ? CN_CONV2D_PANEL_LANES : 0);
  int width =
      even && i >= panels - 2 ? 2 * CN_CONV2D_PANEL_LANES : MIN (CN_PRODUCT_PANEL, row - first);

  return (CnConv2dPanel){ .before = (gsize) group * row + first,
                          .width = width,
                          .filter = (gsize) group * group_out + first,
                          .count = MIN (width, group_out - first),
                          .channel = (gsize) group * (o->in_channels / o->groups) };
}
