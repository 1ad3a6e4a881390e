/* shape.c: sizes of inputs and outputs: paddings, windows, and the formula that joins them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/shape.h"

#include "filters/core/error.h"

static CnWindow
window_for (int size, int stride, int dilation, const CnPadding *padding, int before, int after)
{
  CnWindow window = { .size = size, .stride = stride, .dilation = dilation };
  int around = dilation * (size - 1);

  switch (padding->mode)
    {
    case CN_PADDING_EXPLICIT:
      window.before = before;
      window.after = after;
      break;
    case CN_PADDING_SAME:
      window.before = around / 2;
      window.after = around - around / 2;
      break;
    case CN_PADDING_VALID:
    case CN_PADDING_SAME_UPPER:
    case CN_PADDING_SAME_LOWER:
      break;
    }
  return window;
}

gboolean
cn_padding_check (const CnPadding *p, CnPaddingMode last, GError **error)
{
  if (!cn_in_range (p->mode, 0, last, "The padding's mode", error))
    return FALSE;
  return p->mode != CN_PADDING_EXPLICIT
         || (cn_in_range (p->top, 0, CN_SIZE_MAX, "The padding at the top", error)
             && cn_in_range (p->left, 0, CN_SIZE_MAX, "The padding at the left", error)
             && cn_in_range (p->bottom, 0, CN_SIZE_MAX, "The padding at the bottom", error)
             && cn_in_range (p->right, 0, CN_SIZE_MAX, "The padding at the right", error));
}

void
cn_windows (int height, int width, int stride_y, int stride_x, int dilation_y, int dilation_x,
            const CnPadding *padding, CnWindow *y, CnWindow *x)
{
  *y = window_for (height, stride_y, dilation_y, padding, padding->top, padding->bottom);
  *x = window_for (width, stride_x, dilation_x, padding, padding->left, padding->right);
}

void
cn_window_fit (CnWindow *window, CnPaddingMode mode, int n)
{
  gint64 positions = ((gint64) n - 1) / window->stride + 1;
  gint64 around = (positions - 1) * window->stride + cn_window_extent (window) - n;
  int padding = (int) MAX (around, 0);

  if (mode != CN_PADDING_SAME_UPPER && mode != CN_PADDING_SAME_LOWER)
    return;
  window->before = mode == CN_PADDING_SAME_UPPER ? padding / 2 : padding - padding / 2;
  window->after = padding - window->before;
}

gint64
cn_common_divisor (gint64 a, gint64 b)
{
  while (b != 0)
    {
      gint64 rest = a % b;

      a = b;
      b = rest;
    }
  return a;
}

gint64
cn_window_extent (const CnWindow *window)
{
  return (gint64) window->dilation * (window->size - 1) + 1;
}

int
cn_window_positions (const CnWindow *window, int n, const char *axis, GError **error)
{
  gint64 padded = (gint64) n + window->before + window->after;
  gint64 extent = cn_window_extent (window);
  gint64 least = window->ceil ? extent - window->stride + 1 : extent; /* for one position */
  gint64 positions = (padded - least) / window->stride + 1;

  if (window->ceil && (positions - 1) * window->stride >= (gint64) n + window->before)
    positions--;
  if (n < 1 || padded < least || positions < 1)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "The kernel does not fit into the picture: its %s is %zu (%d taps, dilation "
                    "%d), the picture's %d with %d + %d of padding",
                    cn_translated (axis), (gsize) extent, window->size, window->dilation, n,
                    window->before, window->after);
      return 0;
    }
  if (padded > CN_SIZE_MAX)
    {
      cn_set_error (error, CN_ERROR_SHAPE,
                    "The %s %d with %d + %d of padding is over the limit of %d",
                    cn_translated (axis), n, window->before, window->after, CN_SIZE_MAX);
      return 0;
    }
  return (int) positions;
}

int
cn_window_centre (const CnWindow *window, int position)
{
  return position * window->stride - window->before + window->dilation * (window->size - 1) / 2;
}

void
cn_window_centred (const CnWindow *window, int positions, int from, int length, int *first,
                   int *count)
{
  int offset = cn_window_centre (window, 0);
  int low = MAX (0, from - offset);
  int high =
      from + length - offset; /* one past the last coordinate, counted from the first centre */
  int begin = (low + window->stride - 1) / window->stride;
  int end = high > 0 ? (high + window->stride - 1) / window->stride : 0;

  *first = MIN (begin, positions);
  *count = MAX (0, MIN (end, positions) - *first);
}

gsize
cn_float_bytes (gsize a, gsize b, gsize c, gsize d)
{
  gsize bytes = sizeof (float);

  if (!g_size_checked_mul (&bytes, bytes, a) || !g_size_checked_mul (&bytes, bytes, b)
      || !g_size_checked_mul (&bytes, bytes, c) || !g_size_checked_mul (&bytes, bytes, d))
    return G_MAXSIZE;
  return bytes;
}
