/* contrast.h: the range of a feature map's values that is worth showing: a few values far from all
 * others, as networks have them, would leave no contrast to the rest.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#define CN_CONTRAST_BINS 4096

/* Values may come in pieces: all of them are looked at, and then all of them counted. */
typedef struct
{
  float low, high; /* the smallest and the largest number; both 0 where there are none */
  gboolean any;
  gsize n;
  gsize counts[CN_CONTRAST_BINS]; /* a histogram from low to high */
} CnContrast;

void cn_contrast_init (CnContrast *contrast);
void cn_contrast_look (CnContrast *contrast, const float *values, gsize n);
void cn_contrast_count (CnContrast *contrast, const float *values, gsize n);

/* The range without the outermost half percent of the values on each side, within 1/4096 of it. */
void cn_contrast_find (const CnContrast *contrast, float *dark, float *bright);
