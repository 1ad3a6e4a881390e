/* border.c: what stands outside of a picture, and a rectangle of it filled in with that.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/border.h"

#include <string.h>

int
cn_border_index (CnBorder border, int i, int n)
{
  int period;

  if (i >= 0 && i < n)
    return i;
  switch (border)
    {
    case CN_BORDER_REPLICATE:
      return i < 0 ? 0 : n - 1;
    case CN_BORDER_REFLECT:
      if (n == 1)
        return 0;
      period = 2 * (n - 1);
      i = ABS (i) % period;
      return i < n ? i : period - i;
    case CN_BORDER_WRAP:
      i %= n;
      return i < 0 ? i + n : i;
    case CN_BORDER_ZERO:
      break;
    }
  return -1;
}

/* Copies `area`, which lies inside of the source, to the samples that `view` begins with. */
static gboolean
read_inside (const CnSource *source, const CnRect *area, const CnView *view, GError **error)
{
  if (source->memory.data)
    {
      CnView from = cn_view_at (&source->memory, area->x, area->y);

      for (int p = 0; p < view->planes; p++)
        for (int y = 0; y < area->height; y++)
          memcpy (view->data + p * view->plane + y * view->row,
                  from.data + p * from.plane + y * from.row,
                  (gsize) area->width * view->pixel * sizeof (float));
      return TRUE;
    }
  return source->read (source->host, area, view->data, view->row, error);
}

/* One axis of the area: output coordinate i stands for input coordinate start + i, mapped. */
typedef struct
{
  int start, count;       /* the area on this axis */
  int n;                  /* the source on this axis */
  int inside, inside_end; /* the part of 0 … count that lies inside of the source; may be empty */
} Axis;

static Axis
axis_for (int start, int count, int n)
{
  Axis axis = { .start = start, .count = count, .n = n };

  axis.inside = CLAMP (-start, 0, count);
  axis.inside_end = CLAMP (n - start, axis.inside, count);
  return axis;
}

/* Copies column `from` to column `to`, both of the view, over rows [y, end); −1 makes zeros. */
static void
copy_column (const CnView *view, int from, int to, int y, int end)
{
  for (int p = 0; p < view->planes; p++)
    for (int row = y; row < end; row++)
      {
        float *line = view->data + p * view->plane + row * view->row;

        if (view->pixel == 1) /* no call for a single sample */
          line[to] = from < 0 ? 0 : line[from];
        else
          for (int c = 0; c < view->pixel; c++)
            line[(gsize) to * view->pixel + c] =
                from < 0 ? 0 : line[(gsize) from * view->pixel + c];
      }
}

static void
copy_row (const CnView *view, int from, int to, int width)
{
  gsize bytes = (gsize) width * view->pixel * sizeof (float);

  for (int p = 0; p < view->planes; p++)
    {
      float *line = view->data + p * view->plane + to * view->row;

      if (from < 0)
        memset (line, 0, bytes);
      else
        memcpy (line, view->data + p * view->plane + from * view->row, bytes);
    }
}

/* Fills rows [y, y + rows) of the view, which show source rows from `source_y` on, all inside. */
static gboolean
fetch_rows (const CnSource *source, CnBorder border, const Axis *x, int source_y, int y, int rows,
            const CnView *view, GError **error)
{
  if (x->inside < x->inside_end)
    {
      CnRect area = { x->start + x->inside, source_y, x->inside_end - x->inside, rows };
      CnView part = cn_view_at (view, x->inside, y);

      if (!read_inside (source, &area, &part, error))
        return FALSE;
    }
  for (int i = 0; i < x->count; i++)
    {
      int mapped, run = 1;

      if (i == x->inside && x->inside < x->inside_end)
        {
          i = x->inside_end - 1;
          continue;
        }
      mapped = cn_border_index (border, x->start + i, x->n);
      if (mapped < 0 || (mapped >= x->start + x->inside && mapped < x->start + x->inside_end))
        {
          copy_column (view, mapped < 0 ? -1 : mapped - x->start, i, y, y + rows);
          continue;
        }
      while (i + run < x->count && (i + run < x->inside || i >= x->inside_end)
             && cn_border_index (border, x->start + i + run, x->n) == mapped + run)
        run++;
      {
        CnRect area = { mapped, source_y, run, rows };
        CnView part = cn_view_at (view, i, y);

        if (!read_inside (source, &area, &part, error))
          return FALSE;
      }
      i += run - 1;
    }
  return TRUE;
}

gboolean
cn_border_fetch (const CnSource *source, CnBorder border, const CnRect *area, const CnView *view,
                 GError **error)
{
  Axis x = axis_for (area->x, area->width, source->width);
  Axis y = axis_for (area->y, area->height, source->height);

  if (y.inside < y.inside_end
      && !fetch_rows (source, border, &x, y.start + y.inside, y.inside, y.inside_end - y.inside,
                      view, error))
    return FALSE;
  for (int i = 0; i < y.count; i++)
    {
      int mapped;

      if (i == y.inside && y.inside < y.inside_end)
        {
          i = y.inside_end - 1;
          continue;
        }
      mapped = cn_border_index (border, y.start + i, y.n);
      if (mapped < 0 || (mapped >= y.start + y.inside && mapped < y.start + y.inside_end))
        copy_row (view, mapped < 0 ? -1 : mapped - y.start, i, area->width);
      else if (!fetch_rows (source, border, &x, mapped, i, 1, view, error))
        return FALSE;
    }
  return TRUE;
}
