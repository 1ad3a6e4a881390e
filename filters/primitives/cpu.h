/* cpu.h: the CPU levels that primitives exist for, and which of them this machine has.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Each level includes those before it that its architecture has. */
typedef enum
{
  CN_CPU_SCALAR, /* portable C, as the compiler makes it for the baseline (SSE2 on x86-64) */
  CN_CPU_AVX2,   /* x86-64-v3: AVX2 and FMA */
  CN_CPU_AVX512, /* x86-64-v4: AVX-512 with its F, VL, DQ and BW parts */
  CN_CPU_LEVELS
} CnCpuLevel;

/* The names that CONVNET_CPU takes: "scalar", "avx2", "avx512". */
const char *cn_cpu_name (CnCpuLevel level);

/* Whether this machine can run the level's primitives and this build has them. */
gboolean cn_cpu_has (CnCpuLevel level);

/* The level that is used: the highest that the machine has, or a lower one that the environment
   variable CONVNET_CPU names. Found once. */
CnCpuLevel cn_cpu_level (void);
