/* level.h: the primitives of a CPU level, for a test that runs at every level.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/primitives/primitives.h"

/* NULL, with the test marked as skipped and the reason, if this machine or build has no such level.
 */
const CnPrimitives *level_primitives (CnCpuLevel level);
