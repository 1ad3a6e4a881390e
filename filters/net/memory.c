/* memory.c: gives every value of a plan its place: buffers that live at different times share
 * bytes.
 *
 * Values that are views of one another, or may overwrite one another, share a buffer; what is
 * joined is made where it will stand in the whole. A buffer lives from the step that makes it to
 * the last one that reads it. The largest buffers are placed first, each at the lowest place where
 * no buffer lies that lives at the same time.
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

struct _CnPlaces
{
  CnPlan *plan;
  GArray *buffers; /* of Buffer */
  int *uses;       /* for each value: how many inputs of steps it is */
  int *buffer;     /* for each value: its buffer; −1: none */
  guint64 *offset; /* for each value: bytes from its buffer's beginning */
  guint64 total;   /* bytes of the buffers */
};

static Buffer *
buffer_of (const CnPlaces *places, const CnArray *array)
{
  int buffer = places->buffer[array - places->plan->arrays];

  return buffer < 0 ? NULL : &g_array_index (places->buffers, Buffer, buffer);
}

static guint64
whole_lines (guint64 bytes)
{
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* Lets a value that is made at `step` live where `shared` does; NULL: in a buffer of its own. */
static void
place_value (CnPlaces *places, int value, const CnArray *shared, int step)
{
  const CnArray *array = &places->plan->arrays[value];
  int index = places->buffers->len;
  Buffer *buffer;

  if (shared)
    {
      index = places->buffer[shared - places->plan->arrays];
      places->offset[value] = places->offset[shared - places->plan->arrays];
    }
  else
    {
      Buffer fresh = { .first = step, .last = step };

      g_array_append_val (places->buffers, fresh);
    }
  places->buffer[value] = index;
  buffer = &g_array_index (places->buffers, Buffer, index);
  buffer->size = MAX (buffer->size, places->offset[value] + whole_lines (cn_array_bytes (array)));
  buffer->uses += places->uses[value];
  buffer->wanted |= places->plan->wanted[value];
}

/* What the step reads: number `i` of n_inputs + 1, the last of which is what it adds. */
static const CnArray *
operand (const CnStep *step, int i)
{
  return i < step->n_inputs ? step->inputs[i] : step->addend;
}

/* The operand whose place the step's first output takes over; NULL for none. */
static const CnArray *
find_shared (const CnPlaces *places, const CnStep *step)
{
  const CnArray *output = step->outputs[0];
  gboolean any = step->op->flags & CN_OPERATOR_IN_PLACE;

  if (step->op->flags & CN_OPERATOR_VIEW)
    return buffer_of (places, step->inputs[0]) ? step->inputs[0] : NULL;
  for (int i = any ? 0 : step->n_inputs; i <= step->n_inputs; i++)
    {
      const CnArray *input = operand (step, i);
      const Buffer *buffer = input ? buffer_of (places, input) : NULL;

      if (buffer && !buffer->wanted && buffer->uses == 1
          && cn_array_bytes (input) == cn_array_bytes (output)
          && cn_type_size (input->type) == cn_type_size (output->type)
          && cn_shape_equal (&input->shape, &output->shape))
        return input;
    }
  return NULL;
}

/* Lets what lives in `part` live in `whole` from `offset` on. */
static void
move_buffer (CnPlaces *places, int part, int whole, guint64 offset)
{
  Buffer *from = &g_array_index (places->buffers, Buffer, part);
  Buffer *to = &g_array_index (places->buffers, Buffer, whole);

  for (guint i = 0; i < places->plan->n_arrays; i++)
    if (places->buffer[i] == part)
      {
        places->buffer[i] = whole;
        places->offset[i] += offset;
      }
  to->first = MIN (to->first, from->first);
  to->uses += from->uses;
  *from = (Buffer){ .first = from->first, .last = from->first };
}

/* Whether the whole is its parts, one after the other: nothing lies before the axis along which
   they are joined, which is the one that differs. */
static gboolean
lie_in_a_row (const CnArray *part, const CnArray *whole)
{
  int axis = 0;

  while (axis < whole->shape.rank && whole->shape.dims[axis] == 1)
    axis++;
  return axis < whole->shape.rank && part->shape.dims[axis] != whole->shape.dims[axis];
}

/* Has the inputs that a step joins made in its output, as far as they are buffers by themselves
   that a step of the plan makes, and would begin at a cache line. */
static void
join_inputs (CnPlaces *places, const CnStep *step)
{
  const CnArray *arrays = places->plan->arrays, *output = step->outputs[0];
  int whole = places->buffer[output - arrays];
  guint64 offset = 0;

  for (int i = 0; i < step->n_inputs; i++)
    {
      const CnArray *input = step->inputs[i];
      const Buffer *buffer = buffer_of (places, input);
      guint64 bytes = cn_array_bytes (input);

      if (buffer && !buffer->wanted && buffer->first >= 0 && bytes > 0
          && buffer->size == whole_lines (bytes) && offset % ALIGNMENT == 0
          && places->buffer[input - arrays] != whole && lie_in_a_row (input, output))
        move_buffer (places, places->buffer[input - arrays], whole, offset);
      offset += bytes;
    }
}

/* Goes through the steps as they run, and finds buffers and their lives. */
static void
find_lives (CnPlaces *places)
{
  CnPlan *plan = places->plan;

  for (guint i = 0; i < plan->steps->len; i++)
    {
      const CnStep *step = g_ptr_array_index (plan->steps, i);

      for (int k = 0; k <= step->n_inputs; k++)
        if (operand (step, k))
          places->uses[operand (step, k) - plan->arrays]++;
    }
  for (guint i = 0; i < plan->inputs->len; i++)
    place_value (places, g_array_index (plan->inputs, int, i), NULL, -1);
  for (guint i = 0; i < plan->steps->len; i++)
    {
      const CnStep *step = g_ptr_array_index (plan->steps, i);
      const CnArray *shared = find_shared (places, step);

      for (int k = 0; k < step->n_outputs; k++)
        if (step->outputs[k])
          place_value (places, cn_step_output_index (plan, step, k), k == 0 ? shared : NULL, i);
      if (step->op->flags & CN_OPERATOR_JOINS)
        join_inputs (places, step);
      for (int k = 0; k <= step->n_inputs + step->n_outputs; k++)
        {
          gboolean read = k <= step->n_inputs;
          const CnArray *array = read ? operand (step, k) : step->outputs[k - step->n_inputs - 1];
          Buffer *buffer = array ? buffer_of (places, array) : NULL;

          if (!buffer)
            continue;
          buffer->last = i;
          buffer->uses -= read;
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
keep_in_turn (const CnPlaces *places)
{
  const CnPlan *plan = places->plan;
  int end = 0;
  Buffer *before = NULL;

  for (int i = 0; i < cn_plan_outputs (plan); i++)
    {
      end = MAX (end, (int) cn_plan_steps_to (plan, i));
      if (before)
        before->last = MAX (before->last, end - 1);
      before = buffer_of (places, cn_plan_output (plan, i));
    }
  if (before)
    before->last = plan->steps->len;
}

static void
place_buffers (CnPlaces *places)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GPtrArray) placed = g_ptr_array_new (); /* by place */
  int end = places->plan->steps->len;

  if (places->plan->in_turn)
    keep_in_turn (places);
  for (guint i = 0; i < places->buffers->len; i++)
    {
      Buffer *buffer = &g_array_index (places->buffers, Buffer, i);

      if (buffer->wanted && !places->plan->in_turn)
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
      places->total = MAX (places->total, buffer->place + buffer->size);
    }
}

static guint64
scratch_of (const CnPlan *plan)
{
  guint64 scratch = 0;

  for (guint i = 0; i < plan->steps->len; i++)
    scratch = MAX (scratch, ((CnStep *) plan->steps->pdata[i])->scratch_bytes);
  return scratch;
}

CnPlaces *
cn_places_new (CnPlan *plan)
{
  CnPlaces *places = g_new0 (CnPlaces, 1);

  places->plan = plan;
  places->buffers = g_array_new (FALSE, FALSE, sizeof (Buffer));
  places->uses = g_new0 (int, plan->n_arrays + 1);
  places->buffer = g_new (int, plan->n_arrays + 1);
  places->offset = g_new0 (guint64, plan->n_arrays + 1);
  for (guint i = 0; i < plan->n_arrays; i++)
    places->buffer[i] = -1;
  find_lives (places);
  place_buffers (places);
  plan->memory_bytes = places->total + scratch_of (plan);
  return places;
}

void
cn_places_free (CnPlaces *places)
{
  g_array_unref (places->buffers);
  g_free (places->uses);
  g_free (places->buffer);
  g_free (places->offset);
  g_free (places);
}

gboolean
cn_places_take_memory (const CnPlaces *places, GError **error)
{
  CnPlan *plan = places->plan;
  guint64 total = places->total, scratch = scratch_of (plan);
  guint8 *base;

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
  for (guint i = 0; i < plan->n_arrays; i++)
    if (places->buffer[i] >= 0)
      plan->arrays[i].data = base + places->offset[i]
                             + g_array_index (places->buffers, Buffer, places->buffer[i]).place;
  for (guint i = 0; i < plan->steps->len; i++)
    ((CnStep *) plan->steps->pdata[i])->scratch = base + total;
  return TRUE;
}
