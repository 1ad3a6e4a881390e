/* peer-onednn.c: oneDNN, by its interface for C.
 *
 * Pictures stay interleaved. For layers oneDNN has the layout that it asks for, and no change of
 * layout is timed, as within a network of its own; or it takes planes and gives planes, as everyone
 * else here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <dnnl.h>
#include <omp.h>
#include <string.h>

#include "filters/core/error.h"
#include "tests/bench/bench.h"

typedef struct
{
  const BenchTask *task;
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_desc_t description;
  dnnl_primitive_t primitive;
  dnnl_memory_t from, to, weights; /* as the primitive wants them */
  dnnl_memory_desc_t plain;        /* of results in the task's layout */
  /* Where planes are taken and given: their memory, and what changes the layout; or NULL. */
  dnnl_memory_t from_planes, to_planes;
  dnnl_primitive_t take, give;
} State;

static gboolean
good (dnnl_status_t status, const char *what, GError **error)
{
  if (status == dnnl_success)
    return TRUE;
  cn_set_error (error, CN_ERROR_UNSUPPORTED, "%s: status %d", what, (int) status);
  return FALSE;
}

static void
finish (gpointer data)
{
  State *s = data;

  g_clear_pointer (&s->take, dnnl_primitive_destroy);
  g_clear_pointer (&s->give, dnnl_primitive_destroy);
  g_clear_pointer (&s->from_planes, dnnl_memory_destroy);
  g_clear_pointer (&s->to_planes, dnnl_memory_destroy);
  g_clear_pointer (&s->from, dnnl_memory_destroy);
  g_clear_pointer (&s->to, dnnl_memory_destroy);
  g_clear_pointer (&s->weights, dnnl_memory_destroy);
  g_clear_pointer (&s->plain, dnnl_memory_desc_destroy);
  g_clear_pointer (&s->primitive, dnnl_primitive_destroy);
  g_clear_pointer (&s->description, dnnl_primitive_desc_destroy);
  g_clear_pointer (&s->stream, dnnl_stream_destroy);
  g_clear_pointer (&s->engine, dnnl_engine_destroy);
  g_free (s);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (State, finish)

static dnnl_memory_desc_t
describe (int n, const dnnl_dim_t *dims, dnnl_format_tag_t tag)
{
  dnnl_memory_desc_t description = NULL;

  dnnl_memory_desc_create_with_tag (&description, n, dims, dnnl_f32, tag);
  return description;
}

/* What copies between two layouts. */
static dnnl_primitive_t
make_reorder (State *s, dnnl_memory_t from, dnnl_memory_t to, GError **error)
{
  const_dnnl_memory_desc_t from_layout, to_layout;
  dnnl_primitive_desc_t description = NULL;
  dnnl_primitive_t primitive = NULL;

  dnnl_memory_get_memory_desc (from, &from_layout);
  dnnl_memory_get_memory_desc (to, &to_layout);
  if (good (dnnl_reorder_primitive_desc_create (&description, from_layout, s->engine, to_layout,
                                                s->engine, NULL),
            "reorder", error))
    good (dnnl_primitive_create (&primitive, description), "reorder", error);
  g_clear_pointer (&description, dnnl_primitive_desc_destroy);
  return primitive;
}

static gboolean
run_reorder (State *s, dnnl_primitive_t primitive, dnnl_memory_t from, dnnl_memory_t to,
             GError **error)
{
  dnnl_exec_arg_t args[] = { { DNNL_ARG_FROM, from }, { DNNL_ARG_TO, to } };

  return good (dnnl_primitive_execute (primitive, s->stream, 2, args), "reorder", error);
}

/* Copies between two layouts. */
static gboolean
reorder (State *s, dnnl_memory_t from, dnnl_memory_t to, GError **error)
{
  dnnl_primitive_t primitive = make_reorder (s, from, to, error);
  gboolean done = primitive && run_reorder (s, primitive, from, to, error)
                  && good (dnnl_stream_wait (s->stream), "reorder", error);

  g_clear_pointer (&primitive, dnnl_primitive_destroy);
  return done;
}

/* Memory in the layout that the primitive wants of `which`, with `data` of layout `plain` in it. */
static dnnl_memory_t
place (State *s, dnnl_query_t which, const_dnnl_memory_desc_t plain, float *data, GError **error)
{
  const_dnnl_memory_desc_t wanted = dnnl_primitive_desc_query_md (s->description, which, 0);
  dnnl_memory_t memory = NULL, from = NULL;
  gboolean done;

  done =
      good (dnnl_memory_create (&memory, wanted, s->engine, DNNL_MEMORY_ALLOCATE), "memory", error)
      && (!data
          || (good (dnnl_memory_create (&from, plain, s->engine, data), "memory", error)
              && reorder (s, from, memory, error)));
  g_clear_pointer (&from, dnnl_memory_destroy);
  if (!done)
    g_clear_pointer (&memory, dnnl_memory_destroy);
  return memory;
}

/* What comes after the last pixel on an axis of `n` pixels, `out` in the result. */
static dnnl_dim_t
padding_after (const BenchTask *t, int n, gint64 out)
{
  if (t->op == BENCH_CONV_TRANSPOSE)
    return (n - 1) * t->stride + t->kernel - out - t->padding;
  return (out - 1) * t->stride + t->kernel - n - t->padding;
}

static gboolean
make_description (State *s, const_dnnl_memory_desc_t from, const_dnnl_memory_desc_t weights,
                  const_dnnl_memory_desc_t to, GError **error)
{
  const BenchTask *t = s->task;
  dnnl_dims_t strides = { t->stride, t->stride }, none = { 0 };
  dnnl_dims_t kernel = { t->kernel, t->kernel }, before = { t->padding, t->padding };
  dnnl_dims_t after = { padding_after (t, t->height, t->shape.dims[2]),
                        padding_after (t, t->width, t->shape.dims[3]) };

  if (t->op == BENCH_MAX_POOL || t->op == BENCH_AVERAGE_POOL)
    return good (dnnl_pooling_forward_primitive_desc_create (
                     &s->description, s->engine, dnnl_forward_inference,
                     t->op == BENCH_MAX_POOL ? dnnl_pooling_max : dnnl_pooling_avg_exclude_padding,
                     from, to, strides, kernel, none, before, after, NULL),
                 "pooling", error);
  if (t->op == BENCH_CONV_TRANSPOSE)
    return good (dnnl_deconvolution_forward_primitive_desc_create (
                     &s->description, s->engine, dnnl_forward_inference, dnnl_deconvolution_direct,
                     from, weights, NULL, to, strides, none, before, after, NULL),
                 "deconvolution", error);
  return good (dnnl_convolution_forward_primitive_desc_create (
                   &s->description, s->engine, dnnl_forward_inference, dnnl_convolution_auto, from,
                   weights, NULL, to, strides, none, before, after, NULL),
               "convolution", error);
}

/* What oneDNN has no fast code for goes by plain loops, which may take hours: no peer. */
static gboolean
is_plain_loop (const State *s)
{
  const char *name = "";

  dnnl_primitive_desc_query (s->description, dnnl_query_impl_info_str, 0, (void *) &name);
  return strstr (name, "ref") != NULL;
}

/* With the descriptions of plain memory: the primitive, and its arguments in place. */
static gboolean
make_primitive (State *s, const_dnnl_memory_desc_t from, const_dnnl_memory_desc_t weights,
                const_dnnl_memory_desc_t any_from, const_dnnl_memory_desc_t any_weights,
                const_dnnl_memory_desc_t any_to, GError **error)
{
  const BenchTask *t = s->task;

  if (!make_description (s, any_from, any_weights, any_to, error) || is_plain_loop (s)
      || !good (dnnl_primitive_create (&s->primitive, s->description), "primitive", error))
    return FALSE;
  s->from = place (s, dnnl_query_src_md, from, t->input->data, error);
  s->to = s->from ? place (s, dnnl_query_dst_md, NULL, NULL, error) : NULL;
  if (s->to && t->weights)
    s->weights = place (s, dnnl_query_weights_md, weights, t->weights->floats, error);
  return s->to && (!t->weights || s->weights);
}

static gpointer
prepare (const BenchTask *t, int threads, GError **error)
{
  g_autoptr (State) s = NULL;
  dnnl_dims_t in = { 1, t->in, t->height, t->width };
  dnnl_dims_t out = { 1, t->out, t->shape.dims[2], t->shape.dims[3] };
  dnnl_dims_t weights = { t->groups, t->out / t->groups, t->in / t->groups, t->kernel, t->kernel };
  gboolean pictures = t->layout == CN_LAYOUT_NHWC, transposed = t->op == BENCH_CONV_TRANSPOSE;
  dnnl_format_tag_t plain = pictures ? dnnl_nhwc : dnnl_nchw;
  dnnl_format_tag_t wanted = pictures ? dnnl_nhwc : dnnl_format_tag_any;
  dnnl_memory_desc_t all[5] = { NULL };
  int grouped = t->groups > 1;
  gboolean done;

  if (t->op == BENCH_NETWORK)
    return NULL;
  omp_set_num_threads (threads);
  s = g_new0 (State, 1);
  s->task = t;
  if (!good (dnnl_engine_create (&s->engine, dnnl_cpu, 0), "engine", error)
      || !good (dnnl_stream_create (&s->stream, s->engine, dnnl_stream_default_flags), "stream",
                error))
    return NULL;
  s->plain = describe (4, out, plain);
  all[0] = describe (4, in, plain);
  all[1] = describe (4, in, wanted);
  all[2] = describe (4, out, wanted);
  if (t->weights)
    {
      dnnl_format_tag_t tag =
          transposed ? (grouped ? dnnl_giohw : dnnl_iohw) : (grouped ? dnnl_goihw : dnnl_oihw);

      all[3] = describe (4 + grouped, weights + !grouped, tag);
      all[4] = describe (4 + grouped, weights + !grouped, dnnl_format_tag_any);
    }
  done = make_primitive (s, all[0], all[3], all[1], all[4], all[2], error);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    g_clear_pointer (&all[i], dnnl_memory_desc_destroy);
  return done ? g_steal_pointer (&s) : NULL;
}

/* A layer from planes to planes. */
static gpointer
prepare_planes (const BenchTask *t, int threads, GError **error)
{
  g_autoptr (State) s = NULL;
  dnnl_dims_t in = { 1, t->in, t->height, t->width };
  dnnl_memory_desc_t planes;
  gboolean done;

  if (t->layout == CN_LAYOUT_NHWC || !(s = prepare (t, threads, error)))
    return NULL;
  planes = describe (4, in, dnnl_nchw);
  done = good (dnnl_memory_create (&s->from_planes, planes, s->engine, t->input->data), "memory",
               error)
         && good (dnnl_memory_create (&s->to_planes, s->plain, s->engine, DNNL_MEMORY_ALLOCATE),
                  "memory", error)
         && (s->take = make_reorder (s, s->from_planes, s->from, error))
         && (s->give = make_reorder (s, s->to, s->to_planes, error));
  g_clear_pointer (&planes, dnnl_memory_desc_destroy);
  return done ? g_steal_pointer (&s) : NULL;
}

static gboolean
run (gpointer data, GError **error)
{
  State *s = data;
  dnnl_exec_arg_t args[] = { { DNNL_ARG_SRC, s->from },
                             { DNNL_ARG_DST, s->to },
                             { DNNL_ARG_WEIGHTS, s->weights } };

  return (!s->take || run_reorder (s, s->take, s->from_planes, s->from, error))
         && good (dnnl_primitive_execute (s->primitive, s->stream, s->weights ? 3 : 2, args), "run",
                  error)
         && (!s->give || run_reorder (s, s->give, s->to, s->to_planes, error))
         && good (dnnl_stream_wait (s->stream), "run", error);
}

static void
fetch (gpointer data, float *results)
{
  State *s = data;
  dnnl_memory_t plain = NULL;

  if (dnnl_memory_create (&plain, s->plain, s->engine, results) == dnnl_success)
    reorder (s, s->to, plain, NULL);
  g_clear_pointer (&plain, dnnl_memory_destroy);
}

const BenchPeer bench_onednn = { "oneDNN", prepare, run, fetch, finish };
const BenchPeer bench_onednn_planes = { "oneDNN, planes", prepare_planes, run, fetch, finish };
