/* kernel-model.h: the kernel that a dialog shows: the arguments of the procedure, and the kernel
 * that they make.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

#include "filters/kernels/kernel.h"
#include "ui/host.h"

/* The truth is in the arguments `kernel` (a preset's id, or a text), `size`, `angle` and `sigma` of
   a procedure's config. The model follows them, and changes them when a widget asks for it: a
   preset keeps its id there, and becomes rows of numbers when a number is changed. The signal
   “changed” is emitted after each change, whoever made it. */
#define CN_TYPE_KERNEL_MODEL (cn_kernel_model_get_type ())
G_DECLARE_FINAL_TYPE (CnKernelModel, cn_kernel_model, CN, KERNEL_MODEL, GObject)

CnKernelModel *cn_kernel_model_new (GObject *config, const CnKernelStore *store);
const CnKernelStore *cn_kernel_model_store (CnKernelModel *model);
GObject *cn_kernel_model_config (CnKernelModel *model);

/* The kernel; while the text is broken, the last one that was whole. */
const CnKernel *cn_kernel_model_kernel (CnKernelModel *model);

/* What is wrong with the text, in words; NULL if nothing is. */
const char *cn_kernel_model_error (CnKernelModel *model);

/* The preset that the kernel is, or NULL; its parameters, none of them 0 where the preset has one.
 */
const CnPreset *cn_kernel_model_preset (CnKernelModel *model);
CnKernelParameters cn_kernel_model_parameters (CnKernelModel *model);

/* The argument `kernel` itself. */
const char *cn_kernel_model_value (CnKernelModel *model);

/* Whether the kernel of a file or a layer is used instead; both are dropped when a widget changes
   the kernel. */
gboolean cn_kernel_model_is_overruled (CnKernelModel *model);

/* A kernel's rows as the argument holds them, in one line. */
char *cn_kernel_model_rows (const CnKernel *kernel);

void cn_kernel_model_set_preset (CnKernelModel *model, const CnPreset *preset);
void cn_kernel_model_set_text (CnKernelModel *model, const char *text);
void cn_kernel_model_set_kernel (CnKernelModel *model, const CnKernel *kernel);
void cn_kernel_model_set_weight (CnKernelModel *model, gsize index, float weight);
void cn_kernel_model_edit (CnKernelModel *model, CnKernelEdit edit);
void cn_kernel_model_resize (CnKernelModel *model, int height, int width);
