/* data-set.h: pictures to learn from, and batches of them, changed at random.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/tile.h"
#include "filters/train/lanes.h"

/* The most classes that a data set has. */
#define CN_CLASSES_MAX 65535

/* Pictures of one size, of 8 bits a sample, with a class each, or with the picture that is to be
   made of them. */
typedef struct
{
  int channels, height, width;
  gsize n;
  guint8 *pixels;  /* n × height × width × channels */
  guint16 *labels; /* n; NULL if there are targets */
  char **classes;  /* names, ended by NULL */
  int target_height, target_width;
  guint8 *targets; /* n × target_height × target_width × channels; NULL if there are classes */
} CnDataSet;

/* Room for n pictures; NULL with CN_ERROR_MEMORY or CN_ERROR_SHAPE (a size under 1). `classes` are
   copied. */
CnDataSet *cn_data_set_new (int channels, int height, int width, gsize n,
                            const char *const *classes, GError **error);

/* The same for pictures and their targets. */
CnDataSet *cn_data_set_new_pairs (int channels, int height, int width, int target_height,
                                  int target_width, gsize n, GError **error);
void cn_data_set_free (CnDataSet *data);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CnDataSet, cn_data_set_free)

/* The pictures, from `first` on, `n` of them, as a data set of their own. They are copied. */
CnDataSet *cn_data_set_part (const CnDataSet *data, gsize first, gsize n, GError **error);

/* How a picture is changed, each time at random. Zero: not at all. A target is turned as its
   picture is, and knows no other changes. */
typedef struct
{
  gboolean flip; /* left and right change places, in one case of two */
  int shift;     /* by up to so many pixels in each direction; what comes in is grey */
  int cutout;    /* a square of so many pixels a side, around any place, becomes grey */
  double colour; /* brightness and contrast by up to so much, 0 … 1 */
  gboolean turn; /* to any of the eight symmetries of a square, which pictures must be */
} CnAugmentation;

/* How to fill a batch: pictures order[0 … n − 1], pixels 0 … 255 mapped to low … high. Grey is 0,
   what padding is. What happens to a picture depends on the seed, the epoch and its index. */
typedef struct
{
  const CnDataSet *data;
  const guint32 *order;
  gsize n;
  float low, high;
  CnAugmentation augmentation;
  guint64 seed, epoch;
} CnBatch;

/* Fills `lanes`, of the pictures' size and of at least n samples; the other samples become 0.
   `labels` gets n of them, or `targets`, of the targets' size, is filled likewise. FALSE with
   CN_ERROR_CANCELLED. */
gboolean cn_batch_fill (const CnBatch *batch, const CnLanes *lanes, guint16 *labels,
                        const CnLanes *targets, const CnRun *run, GError **error);
