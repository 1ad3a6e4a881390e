/* pictures.h: small pictures, and the picture filter run over them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/kernels/convolve.h"
#include "filters/kernels/upscale.h"

/* Interleaved, with 1 to 4 channels: gray, gray and alpha, RGB, RGB and alpha. */
typedef struct
{
  int width, height, channels;
  float *data;
} Picture;

Picture *picture_new (int width, int height, int channels);
void picture_free (Picture *picture);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Picture, picture_free)

/* Samples of [0, 1); a quarter of the alphas are 0 and a quarter 1. */
Picture *picture_random (int width, int height, int channels);

/* The same colours with an alpha of 1. */
Picture *picture_opaque (const Picture *picture);

float *picture_at (const Picture *picture, int x, int y);

/* Options that change nothing but what the kernel does: divisor 1, size kept, border replicated. */
CnConvolveOptions picture_options (void);

/* The kernel of a preset or a text; it must be right. */
CnKernel *picture_kernel (const char *name_or_text);

/* Filter `filter` of the kernel over the whole picture, in random tiles; errors fail the test. */
Picture *picture_filter (const Picture *picture, const CnConvolveOptions *options,
                         const CnKernel *kernel, int filter);

/* The same with the first filter of a kernel's text. */
Picture *picture_filter_text (const Picture *picture, const CnConvolveOptions *options,
                              const char *kernel);

/* Number of pixels whose bits are not the same in a channel. */
int picture_differences (const Picture *a, const Picture *b, int channel);

/* Fails the test unless the pictures have the same size and the same bits: in the channels that
   both have, or in one. */
void picture_assert_same (const Picture *a, const Picture *b);
void picture_assert_same_channel (const Picture *a, const Picture *b, int channel);

/* The picture as a host's: pixels come and go by functions, as GIMP's do. */
CnSource picture_host_source (Picture *picture);
CnSink picture_host_sink (Picture *picture);

/* The picture made larger, as told or in random tiles on one to three threads; errors fail. */
Picture *picture_upscale_run (const CnUpscale *upscale, const Picture *picture, const CnRun *run);
Picture *picture_upscale (const CnUpscale *upscale, const Picture *picture);
