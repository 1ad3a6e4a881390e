/* layer-private.h: what the files of layers share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/train/layer.h"

#define CN_LAYER_CHANNELS_MAX 65536
#define CN_LAYER_KERNEL_MAX 255

/* Added to variances. */
#define CN_BATCH_NORM_EPSILON 1e-5

/* The next word as a number in low … high, which must be there; CN_ERROR_PARSE if not. */
gboolean cn_layer_number (const CnModelLayer *layer, char ***words, const char *what, int low,
                          int high, int *number, GError **error);

/* The same behind the word `name`, which may be missing. */
gboolean cn_layer_option (const CnModelLayer *layer, char ***words, const char *name, int low,
                          int high, int *number, GError **error);

/* That there are no more words. */
gboolean cn_layer_end (const CnModelLayer *layer, char **words, GError **error);

/* The sum of a channel over the batch, in double over rows. */
double cn_layer_channel_sum (const CnLanes *lanes, int channel);
