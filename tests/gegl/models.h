/* models.h: networks in files, in a GIMP profile of the tests' own.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/filters.h"

/* Makes the profile, where the operations look for networks by name, and writes them:
   same: three convolutions that keep the size, from three channels to three;
   gray: two of them, from one channel to one;
   maps: layers CONV (5×5 without padding, 8 channels), POOL (2×2), NEXT (3×3, padded, 4 channels),
         and SCORES, which has no maps; for 32×32 pixels;
   double: a picture of twice the size;
   cifar-net, which operations take if nobody names another: the same as maps. */
void models_begin (void);
void models_end (void);

/* The file of a network, to be freed; and the network. */
char *models_path (const char *name);
CnGraph *models_read (const char *name);
