/* random.h: random numbers from a seed, the same on every machine.
 *
 * SplitMix64 (Steele, Lea, Flood, Fast splittable pseudorandom number generators, 2014). A stream
 * of its own for each thing that is drawn, keyed by what it is for, needs no state to be kept.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

typedef struct
{
  guint64 state;
} CnRandom;

/* The stream that belongs to a seed and two numbers: an epoch and a picture, say. */
CnRandom cn_random (guint64 seed, guint64 a, guint64 b);

/* 64 random bits. */
guint64 cn_random_bits (CnRandom *random);

/* A whole number in 0 … n − 1; n is 1 … 2³². */
guint32 cn_random_below (CnRandom *random, guint64 n);

/* A number in [0, 1), a multiple of 2⁻⁵³. */
double cn_random_uniform (CnRandom *random);

/* From the normal distribution of mean 0 and variance 1 (Box and Muller). */
double cn_random_normal (CnRandom *random);

/* Puts 0 … n − 1 into random order (Fisher and Yates). */
void cn_random_order (CnRandom *random, guint32 *order, gsize n);
