/* vector.h: the compiler's vectors, as wide as those of the CPU level that a file is compiled for.
 *
 * For primitives whose lanes know little of each other: one source serves all levels. meson.build
 * compiles it once for each, and gives the level's name (CN_LEVEL) and width in floats (CN_VECTOR).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#ifndef CN_LEVEL
#define CN_LEVEL scalar
#define CN_VECTOR 4
#endif

/* cn_NAME_init_LEVEL */
#define CN_LEVEL_INIT(name) CN_LEVEL_INIT_EXPANDED (name, CN_LEVEL)
#define CN_LEVEL_INIT_EXPANDED(name, level) CN_LEVEL_INIT_JOINED (name, level)
#define CN_LEVEL_INIT_JOINED(name, level) cn_##name##_init_##level

#define INLINE static inline __attribute__ ((always_inline))

typedef float Vector __attribute__ ((vector_size (4 * CN_VECTOR)));
typedef gint32 Bits __attribute__ ((vector_size (4 * CN_VECTOR)));

/* In memory: aligned as floats are. Only pointers to it are passed: GCC 14 cannot pass it by value
   on ARM. */
typedef float Stored __attribute__ ((vector_size (4 * CN_VECTOR), aligned (4), may_alias));

INLINE Stored *
vector_at (float *floats)
{
  return (Stored *) (void *) floats;
}

INLINE const Stored *
const_vector_at (const float *floats)
{
  return (const Stored *) (const void *) floats;
}

/* `yes` in the lanes whose bits are all set in `where`, `no` in those where none is. */
INLINE Vector
choose (Bits where, Vector yes, Vector no)
{
  return (Vector) (((Bits) yes & where) | ((Bits) no & ~where));
}
