/* photographs.h: photographs to learn upscaling from, and the small patches that they are cut into.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/cubic.h"
#include "filters/train/data-set.h"

/* A photograph's luminance, 0 … 255 and not rounded: 0.299·red + 0.587·green + 0.114·blue, as they
   are encoded (ITU-R BT.601). */
typedef struct
{
  char *name;
  CnPlane plane;
} CnPhotograph;

void cn_photograph_clear (CnPhotograph *photograph);

/* A picture as it should be, in 8 bits, and what it is to be made from: shrunk by `scale` with
   cn_cubic_resize(), in 8 bits as well. Rows and columns that do not fill a pixel of the small
   picture are left out. */
typedef struct
{
  int scale, width, height; /* of the small picture */
  guint8 *small, *large;
} CnPhotographPair;

/* The pair of `offset` + `gain` · luminance. FALSE with CN_ERROR_MEMORY, or CN_ERROR_SHAPE if the
   photograph is smaller than `scale`. */
gboolean cn_photograph_pair (const CnPhotograph *photograph, int scale, double gain, double offset,
                             CnPhotographPair *pair, GError **error);
void cn_photograph_pair_clear (CnPhotographPair *pair);

/* Sizes of patches, in pixels of the small pictures: the model takes height × width, and makes what
   lies `margin` from the edges. */
typedef struct
{
  int scale, height, width, margin;
} CnPatchSize;

/* Patches of `n` photographs, in order, and their targets, which lie side by side; flat ones are
   left out. NULL with CN_ERROR_SHAPE if no photograph is large enough for one, CN_ERROR_ARGUMENT if
   all is flat, or CN_ERROR_MEMORY. */
CnDataSet *cn_photographs_cut (const CnPhotograph *photographs, gsize n, const CnPatchSize *size,
                               GError **error);
