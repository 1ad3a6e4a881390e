/* alpha.c: straight alpha into premultiplied and back, in the compiler's vectors, which every CPU
 * level compiles anew.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/vector.h"

#include <math.h>
#include <string.h>

#define WIDTH CN_VECTOR

/* The alpha of each lane's pixel, of two floats or of four. */
INLINE Vector
alpha_of (Vector v, int pixel)
{
#if WIDTH == 4
  return pixel == 2 ? __builtin_shufflevector (v, v, 1, 1, 3, 3)
                    : __builtin_shufflevector (v, v, 3, 3, 3, 3);
#elif WIDTH == 8
  return pixel == 2 ? __builtin_shufflevector (v, v, 1, 1, 3, 3, 5, 5, 7, 7)
                    : __builtin_shufflevector (v, v, 3, 3, 3, 3, 7, 7, 7, 7);
#else
  return pixel == 2
             ? __builtin_shufflevector (v, v, 1, 1, 3, 3, 5, 5, 7, 7, 9, 9, 11, 11, 13, 13, 15, 15)
             : __builtin_shufflevector (v, v, 3, 3, 3, 3, 7, 7, 7, 7, 11, 11, 11, 11, 15, 15, 15,
                                        15);
#endif
}

/* The lanes of alpha. */
INLINE Bits
alpha_lanes (int pixel)
{
  Bits lanes = { 0 };

  for (int i = pixel - 1; i < WIDTH; i += pixel)
    lanes[i] = -1;
  return lanes;
}

INLINE Vector
all (float value)
{
  return value - (Vector){ 0 };
}

INLINE Vector
magnitude (Vector v)
{
  return (Vector) ((Bits) v & 0x7fffffff);
}

INLINE Vector
at_most_one (Vector v)
{
  return choose (v < 1, v, all (1));
}

/* --- Premultiplied --------------------------------------------------------------------------- */

INLINE Vector
premultiplied (Vector v, int pixel)
{
  Vector alpha = alpha_of (v, pixel);

  return choose (alpha_lanes (pixel), v, choose (alpha == 0, all (0), v * alpha));
}

INLINE void
premultiply_pixels (const CnPremultiplication *p, int pixel)
{
  gsize n = p->n * pixel, i = 0;
  float rest[WIDTH] = { 0 };

  for (; i + WIDTH <= n; i += WIDTH)
    *vector_at (p->dst + i) = premultiplied (*const_vector_at (p->src + i), pixel);
  if (i == n)
    return;
  memcpy (rest, p->src + i, (n - i) * sizeof (float));
  *vector_at (rest) = premultiplied (*vector_at (rest), pixel);
  memcpy (p->dst + i, rest, (n - i) * sizeof (float));
}

static void
premultiply (const CnPremultiplication *p)
{
  if (p->pixel == 2)
    premultiply_pixels (p, 2);
  else
    premultiply_pixels (p, 4);
}

/* --- And back -------------------------------------------------------------------------------- */

INLINE Vector
unpremultiplied (const CnUnpremultiplication *u, Vector v, Vector picture, int pixel)
{
  Vector a = alpha_of (v, pixel), p = alpha_of (picture, pixel);
  Vector sum = all (u->sum), scale, share, colours, alpha;

  if (u->own)
    {
      scale = choose (p > 0, 1 / p, all (0));
      alpha = picture;
    }
  else
    {
      Bits opaque = magnitude (a - sum) <= u->noise, gone;

      share = a / sum;
      gone = (magnitude (a) <= u->noise) | ~(share > 0);
      scale = choose (gone, all (0), choose (opaque, all (1), sum / a));
      alpha = choose (gone, all (0), choose (opaque, all (1), at_most_one (share)));
      if (!u->filter)
        alpha = picture;
    }
  colours = v * scale + u->bias;
  if (u->absolute)
    colours = magnitude (colours);
  if (u->offset != 0)
    colours += u->offset;
  if (u->limit)
    colours = choose (colours > 0, at_most_one (colours), all (0));
  return choose (alpha_lanes (pixel), alpha, choose (scale == 0, picture, colours));
}

INLINE void
unpremultiply_pixels (const CnUnpremultiplication *u, int pixel)
{
  gsize n = u->n * pixel, i = 0;
  float rest[WIDTH] = { 0 }, rest_of_picture[WIDTH] = { 0 };

  for (; i + WIDTH <= n; i += WIDTH)
    *vector_at (u->dst + i) = unpremultiplied (u, *const_vector_at (u->src + i),
                                               *const_vector_at (u->picture + i), pixel);
  if (i == n)
    return;
  memcpy (rest, u->src + i, (n - i) * sizeof (float));
  memcpy (rest_of_picture, u->picture + i, (n - i) * sizeof (float));
  *vector_at (rest) = unpremultiplied (u, *vector_at (rest), *vector_at (rest_of_picture), pixel);
  memcpy (u->dst + i, rest, (n - i) * sizeof (float));
}

static void
unpremultiply (const CnUnpremultiplication *u)
{
  if (u->pixel == 2)
    unpremultiply_pixels (u, 2);
  else
    unpremultiply_pixels (u, 4);
}

void
CN_LEVEL_INIT (alpha) (CnPrimitives *table)
{
  table->premultiply = premultiply;
  table->unpremultiply = unpremultiply;
}
