/* memory.c: gives every value of a plan its place: buffers that live at different times share
 * bytes.
 *
 * Values that are views of one another, or may overwrite one another, share a buffer. A buffer
 * lives from the step that makes it to the last one that reads it. The largest buffers are placed
 * first, each at the lowest place where no buffer lies that lives at the same time.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "filters/core/error.h"
#include "filters/core/pages.h"
#include "filters/net/plan-private.h"

/* Bytes to which buffers are aligned: a cache line. */
#define MIB (1 << 20)
#define ALIGNMENT 64

typedef struct
{
  guint64 size, place;
  int first, last; /* steps during which it lives */
  int uses;        /* by steps that are still to come, while lives are found */
  gboolean wanted; /* lives on behind the last step that reads it */
} Buffer;

typedef struct
{
  CnPlan *plan;
  GArray *buffers; /* of Buffer */
  int *uses;       /* for each value: how many inputs of steps it is */
  int *buffer;     /* for each value: its buffer; −1: none */
} Layout;

static Buffer *
buffer_of (const Layout *layout, const CnArray *array)
{
  int buffer = layout->buffer[array - layout->plan->arrays];

  return buffer < 0 ? NULL : &g_array_index (layout->buffers, Buffer, buffer);
}

/* Lets a value that is made at `step` live in buffer `index`; −1: in one of its own. */
static void
place_value (Layout *layout, int value, int index, int step)
{
  const CnArray *array = &layout->plan->arrays[value];
  Buffer *buffer;

  if (index < 0)
    {
      Buffer fresh = { .first = step, .last = step };

      index = layout->buffers->len;
      g_array_append_val (layout->buffers, fresh);
    }
  layout->buffer[value] = index;
  buffer = &g_array_index (layout->buffers, Buffer, index);
  buffer->size = MAX (buffer->size, cn_array_bytes (array));
  buffer->size = (buffer->size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  buffer->uses += layout->uses[value];
  buffer->wanted |= layout->plan->wanted[value];
}

/* The buffer that the step's first output shares; −1 for none. */
static int
shared_buffer (const Layout *layout, const CnStep *step)
{
  const CnArray *output = step->outputs[0];

  if (step->op->flags & CN_OPERATOR_VIEW)
    return layout->buffer[step->inputs[0] - layout->plan->arrays];
  if (!(step->op->flags & CN_OPERATOR_IN_PLACE))
    return -1;
  for (int i = 0; i < step->n_inputs; i++)
    {
      const CnArray *input = step->inputs[i];
      const Buffer *buffer = input ? buffer_of (layout, input) : NULL;

      if (buffer && !buffer->wanted && buffer->uses == 1
          && cn_array_bytes (input) == cn_array_bytes (output)
          && cn_type_size (input->type) == cn_type_size (output->type)
          && cn_shape_equal (&input->shape, &output->shape))
        return layout->buffer[input - layout->plan->arrays];
    }
  return -1;
}

/* Goes through the steps as they run, and finds buffers and their lives. */
static void
find_lives (Layout *layout)
{
  CnPlan *plan = layout->plan;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      const CnStep *step = g_ptr_array_index (plan->steps, i);

      for (int k = 0; k < step->n_inputs; k++)
        if (step->inputs[k])
          layout->uses[step->inputs[k] - plan->arrays]++;
    }
  for (guint i = 0; i < plan->inputs->len; i++)
    place_value (layout, g_array_index (plan->inputs, int, i), -1, -1);
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const CnStep *step = g_ptr_array_index (plan->steps, i);
      int shared = shared_buffer (layout, step);

      for (int k = 0; k < step->n_outputs; k++)
        if (step->outputs[k])
          place_value (layout, cn_step_output_index (plan, step, k), k == 0 ? shared : -1, i);
      for (int k = 0; k < step->n_inputs + step->n_outputs; k++)
        {
          const CnArray *array =
              k < step->n_inputs ? step->inputs[k] : step->outputs[k - step->n_inputs];
          Buffer *buffer = array ? buffer_of (layout, array) : NULL;

          if (!buffer)
            continue;
          buffer->last = i;
          buffer->uses -= k < step->n_inputs;
        }
    }
}

static int
larger_first (gconstpointer a, gconstpointer b)
{
  const Buffer *x = *(Buffer *const *) a, *y = *(Buffer *const *) b;

  if (x->size != y->size)
    return x->size < y->size ? 1 : -1;
  return x->first - y->first;
}

static int
lower_first (gconstpointer a, gconstpointer b)
{
  const Buffer *x = *(Buffer *const *) a, *y = *(Buffer *const *) b;

  return (x->place > y->place) - (x->place < y->place);
}

/* Outputs that are read in turn live until the next one is there. */
static void
keep_in_turn (const Layout *layout)
{
  const CnPlan *plan = layout->plan;
  int end = 0;
  Buffer *before = NULL;

  for (int i = 0; i < cn_plan_outputs (plan); i++)
    {
      end = MAX (end, (int) cn_plan_steps_to (plan, i));
      if (before)
        before->last = MAX (before->last, end - 1);
      before = buffer_of (layout, cn_plan_output (plan, i));
    }
  if (before)
    before->last = plan->steps->len;
}

/* Places the buffers and gives the bytes that they take together. */
static guint64
place_buffers (Layout *layout)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GPtrArray) placed = g_ptr_array_new (); /* by place */
  int end = layout->plan->steps->len;
  guint64 total = 0;

  if (layout->plan->in_turn)
    keep_in_turn (layout);
  for (guint i = 0; i < layout->buffers->len; i++)
    {
      Buffer *buffer = &g_array_index (layout->buffers, Buffer, i);

      if (buffer->wanted && !layout->plan->in_turn)
        buffer->last = end;
      g_ptr_array_add (order, buffer);
    }
  g_ptr_array_sort (order, larger_first);
  for (guint i = 0; i < order->len; i++)
    {
      Buffer *buffer = g_ptr_array_index (order, i);
      guint at = 0;

      for (guint k = 0; k < placed->len; k++)
        {
          const Buffer *other = g_ptr_array_index (placed, k);

          if (other->first > buffer->last || other->last < buffer->first)
            continue;
          if (other->place >= buffer->place + buffer->size)
            break;
          buffer->place = MAX (buffer->place, other->place + other->size);
        }
      while (at < placed->len && lower_first (&placed->pdata[at], &(gpointer){ buffer }) <= 0)
        at++;
      g_ptr_array_insert (placed, at, buffer);
      total = MAX (total, buffer->place + buffer->size);
    }
  return total;
}

gboolean
cn_plan_lay_out (CnPlan *plan, GError **error)
{
  guint n_values = plan->n_arrays;
  g_autoptr (GArray) buffers = g_array_new (FALSE, FALSE, sizeof (Buffer));
  g_autofree int *uses = g_new0 (int, n_values + 1);
  g_autofree int *buffer = g_new (int, n_values + 1);
  Layout layout = { plan, buffers, uses, buffer };
  guint64 total, scratch = 0;
  guint8 *base;

  for (guint i = 0; i < n_values; i++)
    buffer[i] = -1;
  find_lives (&layout);
  total = place_buffers (&layout);
  for (guint i = 0; i < plan->steps->len; i++)
    scratch = MAX (scratch, ((CnStep *) plan->steps->pdata[i])->scratch_bytes);
  plan->memory_bytes = total + scratch;
  if (plan->no_values)
    return TRUE;
  if (total + plan->folded_bytes <= plan->memory_max && scratch <= plan->memory_max - total)
    plan->memory = g_try_malloc (total + scratch + ALIGNMENT);
  cn_pages_prefer_large (plan->memory, total + scratch + ALIGNMENT);
  if (!plan->memory)
    {
      cn_set_error (error, CN_ERROR_MEMORY,
                    "The network takes %zu MiB for inputs of this size, and may take %zu",
                    (gsize) ((total + scratch + plan->folded_bytes + MIB - 1) / MIB),
                    (gsize) (plan->memory_max / MIB));
      return FALSE;
    }
  base = (guint8 *) (((guintptr) plan->memory + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT);
  for (guint i = 0; i < n_values; i++)
    if (buffer[i] >= 0)
      plan->arrays[i].data = base + g_array_index (buffers, Buffer, buffer[i]).place;
  for (guint i = 0; i < plan->steps->len; i++)
    ((CnStep *) plan->steps->pdata[i])->scratch = base + total;
  return TRUE;
}
