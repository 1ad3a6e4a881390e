/* loss.c: what is made small: losses of a batch, and their gradients.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/train/loss.h"

#include <math.h>
#include <string.h>

/* Where √(d² + ε²) goes from a parabola into |d|, squared. */
#define CHARBONNIER 1e-6

static const char *const names[CN_LOSSES] = {
  [CN_LOSS_CROSS_ENTROPY] = "cross-entropy",
  [CN_LOSS_MSE] = "mse",
  [CN_LOSS_L1] = "l1",
  [CN_LOSS_CHARBONNIER] = "charbonnier",
};

const char *
cn_loss_name (CnLossKind kind)
{
  return names[kind];
}

/* Element 0 of a sample; the next ones are CN_LANES apart. */
static gsize
sample_at (const CnLanes *lanes, gsize sample)
{
  return sample / CN_LANES * cn_lanes_block (lanes) + sample % CN_LANES;
}

static void
clear (const CnLanes *lanes)
{
  memset (lanes->data, 0, lanes->blocks * cn_lanes_block (lanes) * sizeof (float));
}

void
cn_loss_classes (const CnLanes *output, const guint16 *labels, gsize n, double smoothing,
                 const CnLanes *gradient, CnLossSum *sum)
{
  gsize classes = cn_lanes_block (output) / CN_LANES;

  if (gradient)
    clear (gradient);
  for (gsize sample = 0; sample < n; sample++)
    {
      const float *z = output->data + sample_at (output, sample);
      double largest = z[0], total = 0, loss = 0;
      gsize best = 0, label = labels[sample];

      for (gsize c = 1; c < classes; c++)
        if (z[c * CN_LANES] > largest)
          {
            largest = z[c * CN_LANES];
            best = c;
          }
      for (gsize c = 0; c < classes; c++)
        total += exp (z[c * CN_LANES] - largest);
      for (gsize c = 0; c < classes; c++)
        {
          double wanted = (c == label ? 1 - smoothing : 0) + smoothing / (double) classes;
          double log_p = z[c * CN_LANES] - largest - log (total);

          loss -= wanted * log_p;
          if (gradient)
            gradient->data[sample_at (gradient, sample) + c * CN_LANES] =
                (float) ((exp (log_p) - wanted) / (double) n);
        }
      sum->loss += loss;
      sum->error += best != label || !isfinite (total);
    }
  sum->n += n;
}

void
cn_loss_pictures (CnLossKind kind, const CnLanes *output, const CnLanes *target, gsize n,
                  const CnLanes *gradient, CnLossSum *sum)
{
  gsize samples = cn_lanes_block (output) / CN_LANES;

  if (gradient)
    clear (gradient);
  for (gsize sample = 0; sample < n; sample++)
    {
      gsize at = sample_at (output, sample);
      double loss = 0, squares = 0;

      for (gsize i = 0; i < samples; i++)
        {
          double d = (double) output->data[at + i * CN_LANES] - target->data[at + i * CN_LANES];
          double soft = sqrt (d * d + CHARBONNIER), slope = 2 * d;

          squares += d * d;
          if (kind == CN_LOSS_L1)
            slope = (d > 0) - (d < 0);
          else if (kind == CN_LOSS_CHARBONNIER)
            slope = d / soft;
          loss += kind == CN_LOSS_L1 ? fabs (d) : kind == CN_LOSS_CHARBONNIER ? soft : d * d;
          if (gradient)
            gradient->data[at + i * CN_LANES] = (float) (slope / (double) (samples * n));
        }
      sum->loss += loss / (double) samples;
      sum->error += squares / (double) samples;
    }
  sum->n += n;
}
