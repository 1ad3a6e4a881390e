/* winograd.c: Winograd's transforms, in the compiler's vectors, which every CPU level compiles
 * anew.
 *
 * Lanes are channels or tiles, and know nothing of each other: there is no instruction to choose
 * but the width of the vectors.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/primitives/primitives.h"
#include "filters/primitives/vector.h"

#define WIDTH CN_VECTOR

/* Bᵀ·d for points 0, 1, −1, 2, −2 and ∞:

       4  0 −5  0  1  0
       0 −4 −4  1  1  0
       0  4 −4 −1  1  0
       0 −2 −1  2  1  0
       0  2 −1 −2  1  0
       0  4  0 −5  0  1  */
INLINE void
to_points (const Vector d[6], Vector t[6])
{
  Vector a = d[4] - 4 * d[2], b = d[3] - 4 * d[1];
  Vector c = d[4] - d[2], e = 2 * (d[3] - d[1]);

  t[0] = 4 * d[0] - 5 * d[2] + d[4];
  t[1] = a + b;
  t[2] = a - b;
  t[3] = c + e;
  t[4] = c - e;
  t[5] = 4 * d[1] - 5 * d[3] + d[5];
}

/* Aᵀ·m:

       1  1  1  1  1  0
       0  1 −1  2 −2  0
       0  1  1  4  4  0
       0  1 −1  8 −8  1  */
INLINE void
from_points (const Vector m[6], Vector y[4])
{
  Vector s = m[1] + m[2], d = m[1] - m[2], p = m[3] + m[4], q = m[3] - m[4];

  y[0] = m[0] + s + p;
  y[1] = d + 2 * q;
  y[2] = s + 4 * p;
  y[3] = d + 8 * q + m[5];
}

static void
winograd_input (const CnWinograd *w)
{
  for (gsize g = 0; g < w->groups; g++)
    for (int lane = 0; lane < CN_WINOGRAD_LANES; lane += WIDTH)
      {
        float *from = w->pixels + g * w->pixel_step + lane;
        float *to = w->products + g * w->product_step + lane;
        Vector columns[6][6];

        for (int j = 0; j < 6; j++)
          {
            Vector d[6], point[6];

            for (int i = 0; i < 6; i++)
              d[i] = *vector_at (from + i * w->row + w->columns[j]);
            to_points (d, point);
            for (int i = 0; i < 6; i++)
              columns[i][j] = point[i];
          }
        for (int i = 0; i < 6; i++)
          {
            Vector point[6];

            to_points (columns[i], point);
            for (int j = 0; j < 6; j++)
              *vector_at (to + (6 * i + j) * w->frequency) = point[j];
          }
      }
}

/* a, or b where a is less. */
INLINE Vector
at_least (Vector a, Vector b)
{
  return choose (a < b, b, a);
}

static void
winograd_output (const CnWinograd *w)
{
  Vector floor = w->floor - (Vector){ 0 };

  for (gsize g = 0; g < w->groups; g++)
    for (int lane = 0; lane < CN_WINOGRAD_LANES; lane += WIDTH)
      {
        float *from = w->products + g * w->product_step + lane;
        float *to = w->pixels + g * w->pixel_step + lane;
        Vector columns[4][6];

        for (int j = 0; j < 6; j++)
          {
            Vector m[6], y[4];

            for (int i = 0; i < 6; i++)
              m[i] = *vector_at (from + (6 * i + j) * w->frequency);
            from_points (m, y);
            for (int i = 0; i < 4; i++)
              columns[i][j] = y[i];
          }
        for (int i = 0; i < 4; i++)
          {
            Vector y[4];

            from_points (columns[i], y);
            for (int j = 0; j < 4; j++)
              *vector_at (to + i * w->row + w->columns[j]) = at_least (y[j], floor);
          }
      }
}

void
CN_LEVEL_INIT (winograd) (CnPrimitives *table)
{
  table->winograd_input = winograd_input;
  table->winograd_output = winograd_output;
}
