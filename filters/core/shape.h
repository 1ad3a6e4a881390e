/* shape.h: sizes of inputs and outputs: paddings, windows, and the formula that joins them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* A rectangle of pixels; x grows to the right, y downwards. */
typedef struct
{
  int x, y, width, height;
} CnRect;

/* The largest width or height that the engine works on (GIMP's own limit is half of it). */
#define CN_SIZE_MAX (1 << 20)

/* The largest kernel, in taps on a side. */
#define CN_KERNEL_MAX 255

typedef enum
{
  CN_PADDING_EXPLICIT,   /* top, left, bottom, right as given */
  CN_PADDING_VALID,      /* none: the window lies entirely within the input */
  CN_PADDING_SAME,       /* d(f − 1) in all, the odd one at the end: output = input at stride 1 */
  CN_PADDING_SAME_UPPER, /* ONNX's: as little as makes the output input / stride, rounded up, … */
  CN_PADDING_SAME_LOWER, /* … the odd one at the end, or at the beginning */
} CnPaddingMode;

/* Rows and columns added around the input, in pixels, each 0 … CN_SIZE_MAX.
   The four numbers count for CN_PADDING_EXPLICIT only. */
typedef struct
{
  CnPaddingMode mode;
  int top, left, bottom, right;
} CnPadding;

/* A window that slides over one axis. */
typedef struct
{
  int size;          /* f: taps, at least 1 */
  int stride;        /* s: input pixels from one position to the next, at least 1 */
  int dilation;      /* d: input pixels from one tap to the next, at least 1 */
  int before, after; /* p: input pixels added at the two ends, at least 0 */
  gboolean ceil;     /* a last window may hang over the end, if it begins before the end padding */
} CnWindow;

/* Whether the mode is one of CN_PADDING_EXPLICIT … `last`, and explicit numbers are in range;
   CN_ERROR_ARGUMENT if not. */
gboolean cn_padding_check (const CnPadding *padding, CnPaddingMode last, GError **error);

/* The two windows of a kernel of `height` × `width` taps, with the padding resolved to numbers;
   what SAME_UPPER and SAME_LOWER ask for depends on the input: cn_window_fit() adds it. */
void cn_windows (int height, int width, int stride_y, int stride_x, int dilation_y, int dilation_x,
                 const CnPadding *padding, CnWindow *y, CnWindow *x);

/* Sets the padding of SAME_UPPER or SAME_LOWER for an axis of `n` pixels, in all
   max (0, (⌈n / s⌉ − 1)·s + d(f − 1) + 1 − n); does nothing for the other modes. */
void cn_window_fit (CnWindow *window, CnPaddingMode mode, int n);

/* The greatest that divides both, by Euclid; a if b is 0. */
gint64 cn_common_divisor (gint64 a, gint64 b);

/* How far the window reaches: d(f − 1) + 1 input pixels. */
gint64 cn_window_extent (const CnWindow *window);

/* Number of positions of the window on an axis of `n` pixels, the lecture's formula with dilation:

       floor ((n + before + after − d(f − 1) − 1) / s) + 1

   or with `ceil` that quotient rounded up, less a last window that would begin in the padding at
   the end (ONNX, opset 22).

   `axis` ("width", "height") goes into the message of CN_ERROR_SHAPE, which is set, with all the
   values, when the window is larger than the padded axis or the result is over CN_SIZE_MAX.
   Returns 0 then, and at least 1 otherwise. */
int cn_window_positions (const CnWindow *window, int n, const char *axis, GError **error);

/* The positions in [*first, *first + *count) whose window has its centre (half of the
   pixels between its first and its last tap are before it; of an odd number, one less) in the part
   [from, from + length) of the input; *count may come out as 0. `positions` is what
   cn_window_positions() gave. */
void cn_window_centred (const CnWindow *window, int positions, int from, int length, int *first,
                        int *count);

/* Input coordinate of the centre of the window at `position`. */
int cn_window_centre (const CnWindow *window, int position);

/* a · b · c · d floats, in bytes; G_MAXSIZE when that overflows. For sizes that come from outside:
   g_try_malloc (G_MAXSIZE) fails as it should. */
gsize cn_float_bytes (gsize a, gsize b, gsize c, gsize d);
