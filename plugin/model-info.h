/* model-info.h: the procedure plug-in-convnet-model-info.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libgimp/gimp.h>

#define CN_MODEL_INFO "plug-in-convnet-model-info"

GimpProcedure *cn_model_info_procedure (GimpPlugIn *plug_in);
