/* choices.c: what the arguments of the filters can be chosen from.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plugin/choices.h"

#include "filters/filters.h"
#include "ui/i18n.h"

const CnChoice cn_choices_encoding[] = {
  { CN_ENCODING_PERCEPTUAL, "perceptual", N_ ("Perceptual") },
  { CN_ENCODING_LINEAR, "linear", N_ ("Linear light") },
  { 0 },
};

const CnChoice cn_choices_border[] = {
  { CN_BORDER_NONE, "none", N_ ("Leave it out") },
  { CN_BORDER_REPLICATE, "replicate", N_ ("Replicate the edge") },
  { CN_BORDER_ZERO, "zero", N_ ("Zero") },
  { CN_BORDER_REFLECT, "reflect", N_ ("Reflect") },
  { CN_BORDER_WRAP, "wrap", N_ ("Wrap around") },
  { 0 },
};

const CnChoice cn_choices_activation[] = {
  { CN_ACTIVATION_IDENTITY, "identity", N_ ("None") },
  { CN_ACTIVATION_RELU, "relu", N_ ("ReLU") },
  { CN_ACTIVATION_LEAKY_RELU, "leaky-relu", N_ ("Leaky ReLU (slope 0.01)") },
  { CN_ACTIVATION_ELU, "elu", N_ ("ELU") },
  { CN_ACTIVATION_SIGMOID, "sigmoid", N_ ("Sigmoid") },
  { CN_ACTIVATION_TANH, "tanh", N_ ("Tanh") },
  { CN_ACTIVATION_SOFTPLUS, "softplus", N_ ("Softplus") },
  { CN_ACTIVATION_ABS, "abs", N_ ("Absolute value") },
  { CN_ACTIVATION_CLIP, "clip", N_ ("Clip to 0…1") },
  { 0 },
};

const CnChoice cn_choices_channels[] = {
  { CN_CHANNELS_EACH, "each", N_ ("Each by itself") },
  { CN_CHANNELS_RED, "red", N_ ("Red") },
  { CN_CHANNELS_GREEN, "green", N_ ("Green") },
  { CN_CHANNELS_BLUE, "blue", N_ ("Blue") },
  { CN_CHANNELS_ALPHA, "alpha", N_ ("Alpha") },
  { CN_CHANNELS_LUMINANCE, "luminance", N_ ("Luminance") },
  { CN_CHANNELS_SUM, "sum", N_ ("Sum, as a network layer") },
  { 0 },
};

const CnChoice cn_choices_alpha[] = {
  { CN_ALPHA_AUTO, "auto", N_ ("By the kernel's sum") },
  { CN_ALPHA_FILTER, "filter", N_ ("Filter") },
  { CN_ALPHA_KEEP, "keep", N_ ("Keep") },
  { 0 },
};

const CnChoice cn_choices_response[] = {
  { CN_RESPONSE_CLAMP, "clamp", N_ ("Clamp") },
  { CN_RESPONSE_ABSOLUTE, "absolute", N_ ("Absolute value") },
  { CN_RESPONSE_OFFSET, "offset", N_ ("Offset: zero at mid-gray") },
  { CN_RESPONSE_STRETCH, "stretch", N_ ("Stretch to the full range") },
  { 0 },
};

const CnChoice cn_choices_pool[] = {
  { CN_POOL_MAX, "max", N_ ("Maximum") },
  { CN_POOL_AVERAGE, "average", N_ ("Average") },
  { CN_POOL_MIN, "min", N_ ("Minimum") },
  { CN_POOL_LP, "l2", N_ ("Root mean square (L2)") },
  { 0 },
};

const CnChoice cn_choices_range[] = {
  { CN_RANGE_MODEL, "auto", N_ ("As the model says") },
  { CN_RANGE_UNIT, "unit", N_ ("0 … 1") },
  { CN_RANGE_BYTE, "byte", N_ ("0 … 255") },
  { CN_RANGE_SIGNED, "signed", N_ ("−1 … 1") },
  { CN_RANGE_NORMAL, "imagenet", N_ ("By ImageNet's mean and deviation") },
  { 0 },
};

const CnChoice cn_choices_order[] = {
  { CN_ORDER_MODEL, "auto", N_ ("As the model says") },
  { CN_ORDER_RGB, "rgb", N_ ("Red, green, blue") },
  { CN_ORDER_BGR, "bgr", N_ ("Blue, green, red") },
  { 0 },
};

const CnChoice cn_choices_colour_map[] = {
  { CN_COLOUR_MAP_GRAY, "gray", N_ ("Gray") },
  { CN_COLOUR_MAP_VIRIDIS, "viridis", N_ ("Viridis") },
  { CN_COLOUR_MAP_COOLWARM, "coolwarm", N_ ("Cool to warm, around zero") },
  { 0 },
};
