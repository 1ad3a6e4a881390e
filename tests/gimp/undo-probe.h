/* undo-probe.h: the names of the parasites that undo-probe.c acts on, and answers with.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#define UNDO_PROBE_PREFIX "convnet-test-"
#define UNDO_PROBE_UNDO "convnet-test-undo"
#define UNDO_PROBE_REDO "convnet-test-redo"
#define UNDO_PROBE_COUNT "convnet-test-count"
#define UNDO_PROBE_ANSWER "convnet-test-answer"
