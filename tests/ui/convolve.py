# convolve.py: the picture that the tests of Convolve… filter, and their way into its dialog.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import sys
import tempfile

import stage

PLUG_IN = sys.argv[1]
SHOTS = sys.argv[2]  # a folder for screenshots
WORK = tempfile.mkdtemp()

# A light left half beside a dark right half, 60 × 40, filtered interactively and saved.
SCRIPT = """
(let* ((image (car (gimp-image-new 60 40 RGB)))
       (layer (car (gimp-layer-new image "edge" 60 40 RGB-IMAGE 100 LAYER-MODE-NORMAL))))
  (gimp-image-insert-layer image layer 0 0)
  (gimp-context-set-foreground "white")
  (gimp-context-set-background "black")
  (gimp-drawable-fill layer FILL-BACKGROUND)
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 0 0 30 40)
  (gimp-drawable-edit-fill layer FILL-FOREGROUND)
  (gimp-selection-none image)
  (plug-in-convnet-convolve #:run-mode RUN-INTERACTIVE #:image image #:drawables (vector layer))
  (gimp-file-save RUN-NONINTERACTIVE image "%s")
  (gimp-image-delete image))
"""


def start(name, profile=None, script=SCRIPT, title="Convolve"):
    """Shows the dialog; the picture is saved under the name that comes back."""
    path = os.path.join(WORK, name)
    return stage.Stage(PLUG_IN, script % path, profile), stage.dialog(title), path


def finish(gimp, dialog, button="OK"):
    stage.press(dialog, button)
    status, output = gimp.finish()
    if status != 0:
        raise AssertionError("exit status %d\n%s" % (status, output))


def shot(name, node=None):
    stage.screenshot(os.path.join(SHOTS, name), node)


def is_ready(dialog):
    return stage.has(stage.widget(dialog, "button", "OK"), stage.pyatspi.STATE_SENSITIVE)
