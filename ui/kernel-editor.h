/* kernel-editor.h: the widgets that change a kernel: its parameters, cells, text, size, and
 * buttons to turn and scale it, all over one model.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "ui/kernel-model.h"

GtkWidget *cn_kernel_editor_new (CnKernelModel *model);
