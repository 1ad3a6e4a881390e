/* tensor.h: N×C×H×W floats with an explicit layout.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"

typedef enum
{
  CN_LAYOUT_NCHW, /* planar: networks */
  CN_LAYOUT_NHWC, /* interleaved: pictures */
} CnLayout;

typedef struct
{
  int n, channels, height, width; /* each at least 1 */
  CnLayout layout;
  float *data;    /* without gaps; from cn_tensor_new() at the beginning of a cache line */
  gpointer owned; /* the memory, of a tensor from cn_tensor_new(); NULL: it is borrowed */
} CnTensor;

/* A tensor of zeros, to be freed with cn_tensor_free(). NULL with CN_ERROR_SHAPE for a size under
   1, CN_ERROR_MEMORY when the memory cannot be had. */
CnTensor *cn_tensor_new (CnLayout layout, int n, int channels, int height, int width,
                         GError **error);
void cn_tensor_free (CnTensor *tensor);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnTensor, cn_tensor_free)

/* The samples of picture `index` (0 … n − 1) of the batch. */
CnView cn_tensor_view (const CnTensor *tensor, int index);

/* Whether `tensor` has that layout and shape; CN_ERROR_SHAPE with both shapes if not. `name`
   begins the message: "The output". */
gboolean cn_tensor_check (const CnTensor *tensor, const char *name, CnLayout layout, int n,
                          int channels, int height, int width, GError **error);

/* Runs an operator over each picture of a batch: the whole of `output`, which must fit. */
gboolean cn_tiles_run_batch (const CnTiled *tiled, const CnTensor *input, const CnTensor *output,
                             const CnRun *run, GError **error);
