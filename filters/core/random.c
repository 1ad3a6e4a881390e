/* random.c: random numbers from a seed, the same on every machine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/random.h"

#include <math.h>

guint64
cn_random_bits (CnRandom *random)
{
  guint64 z = random->state += 0x9e3779b97f4a7c15u;

  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

CnRandom
cn_random (guint64 seed, guint64 a, guint64 b)
{
  CnRandom random = { seed };

  random.state = cn_random_bits (&random) + a;
  random.state = cn_random_bits (&random) + b;
  random.state = cn_random_bits (&random);
  return random;
}

guint32
cn_random_below (CnRandom *random, guint64 n)
{
  /* The bias of 2⁻³² per number is far below what any use here could see. */
  return (guint32) (((cn_random_bits (random) >> 32) * n) >> 32);
}

double
cn_random_uniform (CnRandom *random)
{
  return (double) (cn_random_bits (random) >> 11) * 0x1p-53;
}

double
cn_random_normal (CnRandom *random)
{
  double radius = sqrt (-2 * log (1 - cn_random_uniform (random)));

  return radius * cos (2 * G_PI * cn_random_uniform (random));
}

void
cn_random_order (CnRandom *random, guint32 *order, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      gsize other = cn_random_below (random, i + 1);

      order[i] = order[other];
      order[other] = (guint32) i;
    }
}
