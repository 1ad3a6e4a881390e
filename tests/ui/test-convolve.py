# test-convolve.py: the dialog of Convolve…, driven by AT-SPI; the picture that comes out is checked.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
import tempfile

import stage

PLUG_IN = sys.argv[1]
SHOTS = sys.argv[2]  # a folder for screenshots
WORK = tempfile.mkdtemp()

# A light left half beside a dark right half, filtered interactively and saved.
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


def pixel(path, x, y):
    """The red value of a pixel, 0 … 255."""
    out = subprocess.check_output(["convert", path, "-crop", "1x1+%d+%d" % (x, y), "-depth", "8",
                                   "rgb:-"])
    return out[0]


def start(name):
    path = os.path.join(WORK, name)
    return stage.Stage(PLUG_IN, SCRIPT % path), stage.dialog("Convolve"), path


def expect(what, value, expected):
    if value != expected:
        raise AssertionError("%s: %r instead of %r" % (what, value, expected))


def value_of(dialog, name):
    return stage.widget(dialog, "spin button", name).queryValue()


def kernel_text(dialog):
    return stage.widget(dialog, "text", "Kernel numbers").queryEditableText()


def test_the_default_kernel_finds_the_edge():
    gimp, dialog, path = start("default.png")
    stage.press(dialog, "More", role="toggle button")
    stage.screenshot(os.path.join(SHOTS, "convolve-dialog.png"))
    stage.press(dialog, "OK")
    expect("exit", gimp.finish()[0], 0)
    expect("on the edge", pixel(path, 30, 20), 255)
    expect("away from it", pixel(path, 10, 20), 0)


def test_a_changed_preset_and_divisor_are_used():
    gimp, dialog, path = start("divisor.png")
    stage.choose(dialog, "Kernel preset", "Sobel, vertical edges")
    value_of(dialog, "Divisor").currentValue = 8
    stage.press(dialog, "OK")
    expect("exit", gimp.finish()[0], 0)
    # 4 white pixels of weight, by 8
    expect("on the edge", pixel(path, 30, 20), 128)
    expect("away from it", pixel(path, 10, 20), 0)


def test_a_typed_kernel_is_used():
    gimp, dialog, path = start("typed.png")
    kernel_text(dialog).setTextContents("0 0 0\n0 1/2 0\n0 0 0")
    stage.press(dialog, "OK")
    expect("exit", gimp.finish()[0], 0)
    expect("light half", pixel(path, 10, 20), 128)
    expect("dark half", pixel(path, 50, 20), 0)


def test_a_broken_kernel_is_explained_and_cannot_be_confirmed():
    gimp, dialog, path = start("broken.png")
    kernel_text(dialog).setTextContents("1 2\n3 x")
    stage.widget(dialog, "label", "Line 2, column 3: a number was expected, and “x” is none")
    ok = stage.widget(dialog, "button", "OK")
    expect("OK is sensitive", ok.getState().contains(stage.pyatspi.STATE_SENSITIVE), False)
    stage.screenshot(os.path.join(SHOTS, "convolve-broken-kernel.png"))
    kernel_text(dialog).setTextContents("1")
    stage.wait_for("OK to be sensitive again",
                   lambda: ok.getState().contains(stage.pyatspi.STATE_SENSITIVE))
    stage.press(dialog, "OK")
    expect("exit", gimp.finish()[0], 0)
    expect("light half", pixel(path, 10, 20), 255)


def test_cancel_leaves_the_picture_as_it_was():
    gimp, dialog, path = start("cancelled.png")
    stage.choose(dialog, "Kernel preset", "Laplacian")
    stage.press(dialog, "Cancel")
    expect("exit", gimp.finish()[0], 0)
    expect("light half", pixel(path, 10, 20), 255)
    expect("on the edge", pixel(path, 30, 20), 0)


def test_every_control_has_a_name():
    gimp, dialog, _ = start("names.png")
    controls = stage.pyatspi.findAllDescendants(
        dialog, lambda node: node.getRoleName().replace("push ", "")
        in ("spin button", "combo box", "text", "check box", "button", "toggle button"))
    nameless = [node.getRoleName() for node in controls if not node.name]
    stage.press(dialog, "Cancel")
    gimp.finish()
    expect("controls without a name", nameless, [])


stage.run([test_the_default_kernel_finds_the_edge,
           test_a_changed_preset_and_divisor_are_used,
           test_a_typed_kernel_is_used,
           test_a_broken_kernel_is_explained_and_cannot_be_confirmed,
           test_cancel_leaves_the_picture_as_it_was,
           test_every_control_has_a_name])
