/* input.h: how a picture becomes the input of a network: channels, their order, and what black and
 * white are.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"

/* What a network takes for black and white. */
typedef enum
{
  /* What the metadata say: `input-low` and `input-high`, two numbers, or ONNX's
     Image.NominalPixelRange; 0 … 1 if they say nothing. */
  CN_RANGE_MODEL,
  CN_RANGE_UNIT,   /* 0 … 1 */
  CN_RANGE_BYTE,   /* 0 … 255 */
  CN_RANGE_SIGNED, /* −1 … 1 */
  CN_RANGE_NORMAL, /* less the mean of ImageNet's pictures, by their standard deviation */
} CnRange;

typedef enum
{
  CN_ORDER_MODEL, /* what ONNX's Image.BitmapPixelFormat says; red first if it says nothing */
  CN_ORDER_RGB,
  CN_ORDER_BGR,
} CnOrder;

/* The luma of ITU-R BT.601, which networks for luminance are trained on. */
extern const double cn_luma[3];

typedef struct
{
  const char *name;     /* the graph's */
  int channels;         /* 1 or 3 */
  gint64 height, width; /* the only size that it takes; 0: any */
  /* The size that it was trained with, by the metadata `input-height` and `input-width`; 0: not
     known. */
  int trained_height, trained_width;
  gboolean channels_last;    /* N×H×W×C, not N×C×H×W */
  gboolean bgr;              /* the order of its channels */
  double scale[3], shift[3]; /* value = sample · scale + shift, for red, green, blue */
} CnInput;

/* Looks for the one input of the graph that is not constant, float32, and a picture or several.
   NULL if it is there; otherwise why not, the end of a sentence. */
const char *cn_input_find (const CnGraph *graph, CnRange range, CnOrder order, CnInput *input);

/* The shape of an input of that size. */
CnShape cn_input_shape (const CnInput *input, gint64 height, gint64 width);

/* Writes what the network takes for `count` interleaved pixels of `samples` samples, of which the
   first `colours` (1 or 3: red, green, blue) are seen. A network for gray gets the luma. */
void cn_input_fill (const CnInput *input, const float *pixels, gsize count, int colours,
                    int samples, float *values);

/* The colour (0: red) that channel `plane` of `channels` is, in the input's order. */
int cn_input_colour (const CnInput *input, int channels, int plane);

/* Of an error CN_ERROR_SHAPE, as a plan for a picture of that size has it, where the network takes
   pictures of another: says so, and what would help. Leaves other errors as they are. */
void cn_input_blame_size (gint64 height, gint64 width, gint64 usual_height, gint64 usual_width,
                          GError **error);
