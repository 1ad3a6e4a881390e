/* kernel-model.c: the kernel that a dialog shows: the arguments of the procedure, and the kernel
 * that they make.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/kernel-model.h"

struct _CnKernelModel
{
  GObject parent_instance;
  GObject *config;
  const CnKernelStore *store;
  char *value;
  const CnPreset *preset;
  CnKernelParameters parameters;
  CnKernel *kernel;
  GError *error;
  gboolean setting; /* the arguments are being set by the model itself */
};

G_DEFINE_FINAL_TYPE (CnKernelModel, cn_kernel_model, G_TYPE_OBJECT)

static void
cn_kernel_model_finalize (GObject *object)
{
  CnKernelModel *model = CN_KERNEL_MODEL (object);

  g_clear_object (&model->config);
  g_free (model->value);
  cn_kernel_free (model->kernel);
  g_clear_error (&model->error);
  G_OBJECT_CLASS (cn_kernel_model_parent_class)->finalize (object);
}

static void
cn_kernel_model_class_init (CnKernelModelClass *class)
{
  G_OBJECT_CLASS (class)->finalize = cn_kernel_model_finalize;
  g_signal_new ("changed", CN_TYPE_KERNEL_MODEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                G_TYPE_NONE, 0);
}

static void
cn_kernel_model_init (CnKernelModel *model)
{
  model->kernel = cn_kernel_new (1, 1, 3, 3);
}

static void
read_arguments (CnKernelModel *model)
{
  CnKernel *kernel;

  g_clear_pointer (&model->value, g_free);
  g_clear_error (&model->error);
  g_object_get (model->config, "kernel", &model->value, "size", &model->parameters.size, "angle",
                &model->parameters.angle, "sigma", &model->parameters.sigma, NULL);
  if (!model->value)
    model->value = g_strdup ("");
  model->preset = cn_preset (model->value);
  kernel = model->store->find (model->value, &model->parameters, &model->error);
  if (kernel)
    {
      cn_kernel_free (model->kernel);
      model->kernel = kernel;
    }
}

static void
argument_changed (CnKernelModel *model)
{
  if (model->setting)
    return;
  read_arguments (model);
  g_signal_emit_by_name (model, "changed");
}

CnKernelModel *
cn_kernel_model_new (GObject *config, const CnKernelStore *store)
{
  static const char *const signals[] = { "notify::kernel",      "notify::size",
                                         "notify::angle",       "notify::sigma",
                                         "notify::kernel-file", "notify::kernel-layer" };
  CnKernelModel *model = g_object_new (CN_TYPE_KERNEL_MODEL, NULL);

  model->config = g_object_ref (config);
  model->store = store;
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_connect_object (config, signals[i], G_CALLBACK (argument_changed), model,
                             G_CONNECT_SWAPPED);
  read_arguments (model);
  return model;
}

const CnKernelStore *
cn_kernel_model_store (CnKernelModel *model)
{
  return model->store;
}

GObject *
cn_kernel_model_config (CnKernelModel *model)
{
  return model->config;
}

const CnKernel *
cn_kernel_model_kernel (CnKernelModel *model)
{
  return model->kernel;
}

const char *
cn_kernel_model_error (CnKernelModel *model)
{
  return model->error ? model->error->message : NULL;
}

const CnPreset *
cn_kernel_model_preset (CnKernelModel *model)
{
  return model->preset;
}

CnKernelParameters
cn_kernel_model_parameters (CnKernelModel *model)
{
  CnKernelParameters parameters = model->parameters;

  /* A size that sigma asks for is seen at the kernel that was made. */
  if (parameters.size == 0)
    parameters.size = MAX (model->kernel->height, model->kernel->width);
  if (parameters.sigma == 0 && model->preset)
    parameters.sigma = model->preset->typical.sigma;
  return parameters;
}

gboolean
cn_kernel_model_is_overruled (CnKernelModel *model)
{
  g_autoptr (GObject) file = NULL;
  g_autoptr (GObject) layer = NULL;

  g_object_get (model->config, "kernel-file", &file, "kernel-layer", &layer, NULL);
  return file || layer;
}

const char *
cn_kernel_model_value (CnKernelModel *model)
{
  return model->value;
}

char *
cn_kernel_model_rows (const CnKernel *kernel)
{
  return cn_kernel_format (kernel, CN_KERNEL_ROWS, "; ", NULL);
}

/* (GTK complains when a file that is none is set to none.) */
static void
forget_others (CnKernelModel *model)
{
  if (cn_kernel_model_is_overruled (model))
    g_object_set (model->config, "kernel-file", NULL, "kernel-layer", NULL, NULL);
}

void
cn_kernel_model_set_preset (CnKernelModel *model, const CnPreset *preset)
{
  model->setting = TRUE;
  forget_others (model);
  g_object_set (model->config, "kernel", preset->id, "size", 0, "angle", 0.0, "sigma", 0.0, NULL);
  model->setting = FALSE;
  argument_changed (model);
}

void
cn_kernel_model_set_text (CnKernelModel *model, const char *text)
{
  model->setting = TRUE;
  forget_others (model);
  g_object_set (model->config, "kernel", text, NULL);
  model->setting = FALSE;
  argument_changed (model);
}

void
cn_kernel_model_set_kernel (CnKernelModel *model, const CnKernel *kernel)
{
  g_autofree char *rows = cn_kernel_model_rows (kernel);

  cn_kernel_model_set_text (model, rows);
}

void
cn_kernel_model_set_weight (CnKernelModel *model, gsize index, float weight)
{
  g_autoptr (CnKernel) kernel = cn_kernel_copy (model->kernel);

  kernel->weights[index] = weight;
  cn_kernel_model_set_kernel (model, kernel);
}

void
cn_kernel_model_edit (CnKernelModel *model, CnKernelEdit edit)
{
  g_autoptr (CnKernel) kernel = cn_kernel_edit (model->kernel, edit);

  cn_kernel_model_set_kernel (model, kernel);
}

void
cn_kernel_model_resize (CnKernelModel *model, int height, int width)
{
  g_autoptr (CnKernel) kernel = cn_kernel_resize (model->kernel, height, width);

  cn_kernel_model_set_kernel (model, kernel);
}
