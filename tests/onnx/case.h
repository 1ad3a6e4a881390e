/* case.h: one case of ONNX's backend tests, run by the engine and compared with what is expected.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "filters/net/graph.h"

typedef enum
{
  CASE_PASSED,
  CASE_FAILED,
  CASE_UNSUPPORTED,
} CaseResult;

/* A result passes if it is within relative · max |expected| + absolute of what is expected. */
typedef struct
{
  double relative, absolute;
} CaseTolerance;

/* Runs the model in the file `path`. Its inputs and outputs are in the folders test_data_set_*
   beside it, or, for NAME.onnx with NAME_output_0.pb beside it, the input rises from 0 to 1.
   `text`, to be freed, says why not, or the largest error. */
CaseResult case_run (const char *path, const CaseTolerance *tolerance, char **text);

/* Paths of all models in and below a folder, sorted, and added to `paths`. */
void case_find (const char *folder, GPtrArray *paths);

/* What is in a file, for that value of a network, which says whether it is an array, a sequence or
   optional; NULL: an array. NULL with an error. */
CnArray *case_value (const char *path, const CnValue *value, GError **error);

/* "test_relu": the name of the case in the file. */
char *case_name (const char *path);
