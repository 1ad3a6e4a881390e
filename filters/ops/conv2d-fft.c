/* conv2d-fft.c: large kernels by the fast Fourier transform: overlap-save, block by block.
 *
 * The result is cut into blocks on a grid from its corner on, whatever tiles there are, so that no
 * bit depends on those. A block of U×V results takes (U + extent − 1) × (V + extent − 1) samples;
 * in a transform of at least that size, of which the results are a part, nothing wraps around:
 *
 *     y = F⁻¹ (F(x) · conj F(w))
 *
 * Every result has the rounding of its whole block: ε · log₂ n · max |F(w)| · max |x| with n
 * samples is far more than it comes to. What the transform cannot take – infinities, NaN, samples
 * so large that they would overflow – is correlated tap by tap, block by block.
 *
 * Source: Oppenheim and Schafer, Discrete-Time Signal Processing, overlap-save; FFTW 3.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/ops/conv2d-private.h"

#include <fftw3.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "filters/primitives/cpu.h"

/* More kernels than channels of pictures are for the dense convolution. */
#define KERNELS_MAX 8

/* Samples and weights above this are not transformed. */
#define LARGEST 1e15f

/* Floats of a cache line: what FFTW's vectors are content with. */
#define ALIGN 16

struct _CnConv2dFft
{
  int height, width;         /* of a block's results */
  int all_height, all_width; /* of the transforms */
  fftwf_plan forward, backward;
  double gain;            /* max |F(w)| of the first */
  fftwf_complex *kernels; /* conj F(w) / (all_height · all_width) of each, or of the shared one */
};

/* FFTW's planner, alone of its functions, is not for several threads. */
static GMutex planner;

/* Sides of transforms that FFTW is fast at: 2.7 to 3.7 ns for a sample there and back with plans
   that are estimated, where 416, 432 and 448 take 5 and 540 takes 6.4 (FFTW 3.3.10, Zen 5). */
static const int sides[] = { 96, 128, 160, 192, 256, 288, 320, 384, 400, 512, 640, 768 };

/* Sides of a block's results: multiples of the tiles that GIMP and GEGL keep pictures in. */
#define BLOCK_STEP 128
#define BLOCK_MAX 512

/* The block along one axis that wastes least of its transform; 0 if the kernel reaches too far. */
static int
choose_side (const CnWindow *window, int *all)
{
  gint64 more = cn_window_extent (window) - 1;
  int best = 0;
  double least = INFINITY;

  *all = 0;
  for (int block = BLOCK_STEP; block <= BLOCK_MAX; block += BLOCK_STEP)
    for (guint i = 0; i < G_N_ELEMENTS (sides); i++)
      if (sides[i] >= block + more)
        {
          /* The first that is large enough; a larger block must save 5 %. */
          if ((double) sides[i] / block < least * 0.95)
            {
              least = (double) sides[i] / block;
              best = block;
              *all = sides[i];
            }
          break;
        }
  return best;
}

/* How many taps cost as much as a sample of a transform there and back. Measured with 4096×3072
   pixels: a tap takes 10.8 ps with AVX-512, 20 with AVX2 and 110 with the baseline, a sample of the
   transform 4.5 ns with what is around it (Zen 5). */
static double
taps_of_a_sample (void)
{
  switch (cn_cpu_level ())
    {
    case CN_CPU_AVX512:
      return 420;
    case CN_CPU_AVX2:
      return 230;
    default:
      return 45;
    }
}

static gboolean
can (const CnConv2d *conv)
{
  const CnConv2dOptions *o = &conv->options;

  return o->groups == o->in_channels && o->out_channels == o->in_channels && !conv->factors
         && conv->y.stride == 1 && conv->x.stride == 1
         && (conv->shared || o->out_channels <= KERNELS_MAX);
}

static gboolean
weights_are_small (const CnConv2d *conv)
{
  gsize taps = (gsize) conv->y.size * conv->x.size;
  gsize n = conv->shared ? taps : taps * conv->options.out_channels;

  for (gsize i = 0; i < n; i++)
    if (!(fabsf (conv->weights[i]) <= LARGEST))
      return FALSE;
  return TRUE;
}

static gsize
frequencies (const CnConv2dFft *fft)
{
  return (gsize) fft->all_height * (fft->all_width / 2 + 1);
}

/* Floats of the samples, and of the frequencies, each a multiple of ALIGN. */
static gsize
sample_floats (const CnConv2dFft *fft)
{
  return ((gsize) fft->all_height * fft->all_width + ALIGN - 1) / ALIGN * ALIGN;
}

static gsize
frequency_floats (const CnConv2dFft *fft)
{
  return (2 * frequencies (fft) + ALIGN - 1) / ALIGN * ALIGN;
}

/* The transform of one kernel, ready to be multiplied with; returns its largest |F(w)|. */
static double
transform_kernel (const CnConv2d *conv, const CnConv2dFft *fft, const float *weights,
                  float *samples, fftwf_complex *kernel)
{
  double gain = 0;
  float scale = 1.0f / ((float) fft->all_height * fft->all_width);

  memset (samples, 0, sample_floats (fft) * sizeof (float));
  for (int a = 0; a < conv->y.size; a++)
    for (int b = 0; b < conv->x.size; b++)
      samples[(gsize) a * conv->y.dilation * fft->all_width + b * conv->x.dilation] =
          weights[a * conv->x.size + b];
  fftwf_execute_dft_r2c (fft->forward, samples, kernel);
  for (gsize i = 0; i < frequencies (fft); i++)
    {
      gain = MAX (gain, hypot (kernel[i][0], kernel[i][1]));
      kernel[i][0] *= scale;
      kernel[i][1] *= -scale;
    }
  return gain;
}

gboolean
cn_conv2d_fft_pays (const CnConv2d *conv)
{
  int height, width;
  gsize taps = (gsize) conv->y.size * conv->x.size;
  int block_height = choose_side (&conv->y, &height);
  int block_width = choose_side (&conv->x, &width);

  return can (conv) && block_height > 0 && block_width > 0
         && taps > taps_of_a_sample () * height / block_height * width / block_width;
}

static int
kernels_of (const CnConv2d *conv)
{
  return conv->shared ? 1 : conv->options.out_channels;
}

void
cn_conv2d_fft_prepare (CnConv2d *conv)
{
  g_autofree CnConv2dFft *fft = g_new0 (CnConv2dFft, 1);
  float *samples;

  fft->height = choose_side (&conv->y, &fft->all_height);
  fft->width = choose_side (&conv->x, &fft->all_width);
  if (!can (conv) || fft->height == 0 || fft->width == 0 || !weights_are_small (conv))
    return;
  samples = fftwf_alloc_real (sample_floats (fft));
  fft->kernels = fftwf_alloc_complex (frequencies (fft) * kernels_of (conv));
  if (samples && fft->kernels)
    {
      g_mutex_lock (&planner);
      fft->forward = fftwf_plan_dft_r2c_2d (fft->all_height, fft->all_width, samples, fft->kernels,
                                            FFTW_ESTIMATE);
      fft->backward = fftwf_plan_dft_c2r_2d (fft->all_height, fft->all_width, fft->kernels, samples,
                                             FFTW_ESTIMATE);
      g_mutex_unlock (&planner);
      conv->fft = g_steal_pointer (&fft);
    }
  for (int k = kernels_of (conv) - 1; conv->fft && k >= 0; k--)
    conv->fft->gain =
        transform_kernel (conv, conv->fft, conv->weights + (gsize) k * conv->y.size * conv->x.size,
                          samples, conv->fft->kernels + frequencies (conv->fft) * k);
  fftwf_free (samples);
  if (fft)
    fftwf_free (fft->kernels);
}

gsize
cn_conv2d_fft_memory (const CnConv2d *conv)
{
  return frequencies (conv->fft) * kernels_of (conv) * sizeof (fftwf_complex);
}

void
cn_conv2d_fft_free (CnConv2dFft *fft)
{
  if (!fft)
    return;
  g_mutex_lock (&planner);
  fftwf_destroy_plan (fft->forward);
  fftwf_destroy_plan (fft->backward);
  g_mutex_unlock (&planner);
  fftwf_free (fft->kernels);
  g_free (fft);
}

static void
size (gconstpointer op, const CnRect *area, int *width, int *height)
{
  const CnConv2d *conv = op;

  (void) area;
  *width = conv->fft->width;
  *height = conv->fft->height;
}

/* The blocks that `out` has a part of. */
static CnRect
whole_blocks (const CnConv2dFft *fft, const CnRect *out)
{
  int x = out->x / fft->width * fft->width, y = out->y / fft->height * fft->height;

  return (CnRect){
    .x = x,
    .y = y,
    .width = (out->x + out->width - x + fft->width - 1) / fft->width * fft->width,
    .height = (out->y + out->height - y + fft->height - 1) / fft->height * fft->height,
  };
}

static CnRect
reach (gconstpointer op, const CnRect *out)
{
  const CnConv2d *conv = op;
  CnRect blocks = whole_blocks (conv->fft, out);

  return cn_conv2d_reach (conv, &blocks);
}

static gsize
scratch (gconstpointer op, const CnRect *out)
{
  const CnConv2d *conv = op;
  const CnRect block = { 0, 0, conv->fft->width, conv->fft->height };

  (void) out;
  return MAX (sample_floats (conv->fft) + frequency_floats (conv->fft),
              cn_conv2d_scratch (conv, &block));
}

/* One channel of the block's samples. FALSE if there is one that is not to be transformed. */
static gboolean
gather (const CnConv2dFft *fft, const CnView *from, int channel, const CnRect *in, float *samples)
{
  gboolean fine = TRUE;

  for (int y = 0; y < in->height; y++)
    {
      const float *row = cn_view_at (from, 0, y).data + channel / from->pixel * from->plane
                         + channel % from->pixel;
      float *to = samples + (gsize) y * fft->all_width;

      cn_conv2d_gather (row, from->pixel, to, in->width);
      for (int x = 0; x < in->width; x++)
        fine &= fabsf (to[x]) <= LARGEST;
      memset (to + in->width, 0, (fft->all_width - in->width) * sizeof (float));
    }
  memset (samples + (gsize) in->height * fft->all_width, 0,
          (gsize) (fft->all_height - in->height) * fft->all_width * sizeof (float));
  return fine;
}

static void
multiply (fftwf_complex *values, const fftwf_complex *kernel, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      float re = values[i][0] * kernel[i][0] - values[i][1] * kernel[i][1];
      float im = values[i][0] * kernel[i][1] + values[i][1] * kernel[i][0];

      values[i][0] = re;
      values[i][1] = im;
    }
}

/* Writes the part `out` of the block's results, whose first is at `block`. */
static void
scatter (const CnConv2d *conv, const CnRect *block, int channel, const float *samples,
         const CnView *to, const CnRect *out)
{
  float bias = conv->bias[conv->shared ? 0 : channel];

  for (int y = 0; y < out->height; y++)
    {
      const float *row =
          samples + (gsize) (out->y - block->y + y) * conv->fft->all_width + (out->x - block->x);
      float *pixel =
          cn_view_at (to, 0, y).data + channel / to->pixel * to->plane + channel % to->pixel;

      for (int x = 0; x < out->width; x++)
        pixel[(gsize) x * to->pixel] = row[x] + bias;
    }
}

/* The part of one block that lies in the tile, as a tile of its own. */
static void
work_block (const CnConv2d *conv, const CnTile *tile, const CnRect *block)
{
  const CnConv2dFft *fft = conv->fft;
  float *samples = tile->scratch, *values = samples + sample_floats (fft);
  CnRect in = cn_conv2d_reach (conv, block);
  CnTile part = { .scratch = tile->scratch, .stream = tile->stream };

  part.out.x = MAX (tile->out.x, block->x);
  part.out.y = MAX (tile->out.y, block->y);
  part.out.width = MIN (tile->out.x + tile->out.width, block->x + block->width) - part.out.x;
  part.out.height = MIN (tile->out.y + tile->out.height, block->y + block->height) - part.out.y;
  part.to = cn_view_at (&tile->to, part.out.x - tile->out.x, part.out.y - tile->out.y);
  for (int c = 0; c < conv->options.out_channels; c++)
    {
      CnView from = cn_view_at (&tile->from, in.x - tile->in.x, in.y - tile->in.y);

      if (!gather (fft, &from, c, &in, samples))
        {
          part.in = cn_conv2d_reach (conv, &part.out);
          part.from = cn_view_at (&tile->from, part.in.x - tile->in.x, part.in.y - tile->in.y);
          cn_conv2d_work (conv, &part);
          return;
        }
      fftwf_execute_dft_r2c (fft->forward, samples, (fftwf_complex *) values);
      multiply ((fftwf_complex *) values, fft->kernels + (conv->shared ? 0 : c) * frequencies (fft),
                frequencies (fft));
      fftwf_execute_dft_c2r (fft->backward, (fftwf_complex *) values, samples);
      scatter (conv, block, c, samples, &part.to, &part.out);
    }
  for (int p = 0; p < part.to.planes; p++)
    for (int y = 0; y < part.out.height; y++)
      cn_activation_apply (&conv->options.activation,
                           part.to.data + p * part.to.plane + y * part.to.row,
                           (gsize) part.out.width * part.to.pixel);
}

static void
work (gconstpointer op, const CnTile *tile)
{
  const CnConv2d *conv = op;
  CnRect blocks = whole_blocks (conv->fft, &tile->out);

  for (int y = 0; y < blocks.height; y += conv->fft->height)
    for (int x = 0; x < blocks.width; x += conv->fft->width)
      {
        CnRect block = { blocks.x + x, blocks.y + y, conv->fft->width, conv->fft->height };

        work_block (conv, tile, &block);
      }
}

void
cn_conv2d_fft (CnTiled *tiled)
{
  tiled->reach = reach;
  tiled->scratch = scratch;
  tiled->work = work;
  tiled->size = size;
}

void
cn_conv2d_blocks (const CnConv2d *conv, int *height, int *width)
{
  *height = conv->fft ? conv->fft->height : 1;
  *width = conv->fft ? conv->fft->width : 1;
}

double
cn_conv2d_noise (const CnConv2d *conv)
{
  const CnConv2dFft *fft = conv->fft;

  return fft ? FLT_EPSILON * log2 ((double) fft->all_height * fft->all_width) * fft->gain : 0;
}
