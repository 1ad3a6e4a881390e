/* filters.h: the engine's face: all that a program needs to filter pictures without GIMP.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/core/border.h"
#include "filters/core/error.h"
#include "filters/core/picture.h"
#include "filters/core/shape.h"
#include "filters/core/tensor.h"
#include "filters/core/tile.h"
#include "filters/kernels/convolve.h"
#include "filters/kernels/kernel.h"
#include "filters/kernels/pool-picture.h"
#include "filters/kernels/upscale.h"
#include "filters/net/info.h"
#include "filters/net/input.h"
#include "filters/net/plan.h"
#include "filters/net/tiled.h"
#include "filters/onnx/onnx.h"
#include "filters/ops/activation.h"
#include "filters/ops/conv-transpose.h"
#include "filters/ops/conv2d.h"
#include "filters/ops/gemm.h"
#include "filters/ops/pool.h"
