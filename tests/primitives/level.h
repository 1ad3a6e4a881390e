/* level.h: the primitives of a CPU level, for a test that runs at every level.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"

/* NULL, with the test marked as skipped and the reason, if this machine or build has no such level.
 */
const CnPrimitives *level_primitives (CnCpuLevel level);

/* Adds /PRIMITIVE/LEVEL/NAME for each level, which is the test's data. */
void level_add_test (const char *primitive, const char *name, GTestDataFunc test);
