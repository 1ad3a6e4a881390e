# test-canvas.py: the preview on the canvas, in GIMP's own window, and what is left of it afterwards.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import re
import signal
import subprocess
import sys

import convolve
import stage

MODULES = sys.argv[3:]  # folders of the operations and of the undo probe
WIDTH, HEIGHT = 200, 100
LIGHT, HALF = "#C81E5A", "#640F2D"  # 200 30 90, and half of it
CANVAS = "330x460+215+85"  # on the screen: within GIMP's window as it comes, without its docks
SLACK = 700  # pixels: GIMP draws a line around the layer

# A layer whose left `columns` are of one colour, on black, saved once, and what has become of it.
SCRIPT = """
(define (say name value) (display name) (display " ") (display value) (newline))
(define (undo-steps image)
  (gimp-image-attach-parasite image (list "convnet-test-count" 0 "?"))
  (caddr (car (gimp-image-get-parasite image "convnet-test-answer"))))
(let* ((image (car (gimp-image-new %(width)d %(height)d RGB)))
       (layer (car (gimp-layer-new image "flat" %(width)d %(height)d RGB-IMAGE 100
                                   LAYER-MODE-NORMAL))))
  (gimp-image-insert-layer image layer 0 0)
  (gimp-context-set-foreground '(200 30 90))
  (gimp-context-set-background '(0 0 0))
  (gimp-drawable-fill layer FILL-BACKGROUND)
  (gimp-image-select-rectangle image CHANNEL-OP-REPLACE 0 0 %(columns)d %(height)d)
  (gimp-drawable-edit-fill layer FILL-FOREGROUND)
  (gimp-selection-none image)
  (gimp-image-clean-all image)
  %(display)s
  (say "before" (undo-steps image))
  (catch (say "the dialog" "failed")
    (plug-in-convnet-%(stem)s #:run-mode RUN-INTERACTIVE #:image image #:drawables (vector layer)))
  (say "after" (undo-steps image))
  (say "filters" (vector-length (car (gimp-drawable-get-filters layer))))
  (say "dirty" (car (gimp-image-is-dirty image)))
  (gimp-file-save RUN-NONINTERACTIVE image "%(path)s")
  (gimp-image-clean-all image)
  %(close)s)
"""


class Dialog:
    """One that is open over GIMP's window, with the picture on its canvas."""

    def __init__(self, name, stem="convolve", title="Convolve", columns=WIDTH, window=True,
                 modules=MODULES):
        self.path = os.path.join(convolve.WORK, name)
        script = SCRIPT % {
            "width": WIDTH, "height": HEIGHT, "columns": columns, "stem": stem, "path": self.path,
            "display": "(define shown (car (gimp-display-new image)))" if window else "",
            "close": "(gimp-display-delete shown)" if window else "(gimp-image-delete image)"}
        self.gimp = stage.Stage(convolve.PLUG_IN, script, window=window, modules=modules)
        self.root = stage.dialog(title)
        self.said = {}

    def canvas(self, colour):
        """How many pixels of a colour the canvas shows, when the dialog is no longer before it."""
        found = subprocess.check_output(["xdotool", "search", "--name", r"^\*?\[.*GIMP$"], text=True)
        shot = os.path.join(convolve.WORK, "window.png")
        subprocess.run(["xdotool", "windowraise", found.split()[0]], check=True)
        stage.time.sleep(0.3)
        stage.screenshot(shot)
        return int(subprocess.check_output(
            ["convert", shot, "-crop", CANVAS, "-fill", "black", "+opaque", colour, "-fill", "white", "-opaque",
             colour, "-format", "%[fx:round(mean*w*h)]", "info:"]))

    def expect_canvas(self, what, **colours):
        """Waits until each colour has its number of pixels, about."""
        def shown():
            counts = {name: self.canvas(globals()[name]) for name in colours}
            return all(abs(counts[name] - colours[name]) <= SLACK for name in colours)
        stage.wait_for("%s: %r" % (what, colours), shown, seconds=20)

    def set_kernel(self, text):
        stage.set_text(self.root, "Kernel numbers", text)

    def finish(self, button):
        if button:
            stage.press(self.root, button)
        status, output = self.gimp.finish()
        stage.expect("exit", (status, output if status else ""), (0, ""))
        self.said = dict(re.findall(r"^(the dialog|\S+) (.*)$", output, re.MULTILINE))

    def expect_nothing_left(self):
        stage.expect("undo steps", self.said["after"], self.said["before"])
        stage.expect("filters", self.said["filters"], "0")
        stage.expect("changed", self.said["dirty"], "0")
        stage.expect("pixel", stage.pixel(self.path, 20, 20), 200)

    def expect_one_step(self):
        steps = int(self.said["before"].split()[0])
        stage.expect("undo steps", self.said["after"], "%d 0" % (steps + 1))


def test_canvas_follows_and_cancel_leaves_nothing():
    dialog = Dialog("cancelled.png")
    dialog.expect_canvas("edges of a flat picture", LIGHT=0, HALF=0)
    dialog.set_kernel("0.5")
    dialog.expect_canvas("half as bright", LIGHT=0, HALF=WIDTH * HEIGHT)
    stage.press(dialog.root, "Split view", role="check box")
    dialog.expect_canvas("split", LIGHT=WIDTH * HEIGHT / 2, HALF=WIDTH * HEIGHT / 2)
    stage.slider(dialog.root, "Position of the split").currentValue = 0.25
    dialog.expect_canvas("split at a quarter", LIGHT=WIDTH * HEIGHT * 3 / 4, HALF=WIDTH * HEIGHT / 4)
    convolve.shot("canvas-split.png")
    stage.slider(dialog.root, "Position of the split").currentValue = 0.5
    stage.press(dialog.root, "Display on canvas", role="check box")
    dialog.expect_canvas("not on the canvas", LIGHT=WIDTH * HEIGHT, HALF=0)
    stage.press(dialog.root, "Display on canvas", role="check box")
    dialog.expect_canvas("again", LIGHT=WIDTH * HEIGHT / 2, HALF=WIDTH * HEIGHT / 2)
    for text in ("1", "1 x", "0.25", "0.", "0.5 0", "0.5 0;", "1"):  # as fast as one types
        dialog.set_kernel(text)
    dialog.expect_canvas("the last", LIGHT=WIDTH * HEIGHT)
    dialog.set_kernel("0.5")
    dialog.expect_canvas("again", HALF=WIDTH * HEIGHT / 2)
    stage.choose(dialog.root, "Output", "New layer")
    dialog.expect_canvas("a new layer", LIGHT=WIDTH * HEIGHT, HALF=0)
    dialog.finish("Cancel")
    dialog.expect_nothing_left()


def test_ok_filters_once_in_one_step():
    dialog = Dialog("merged.png")
    dialog.set_kernel("0.5")
    stage.press(dialog.root, "Split view", role="check box")
    dialog.expect_canvas("split", HALF=WIDTH * HEIGHT / 2)
    dialog.finish("OK")
    dialog.expect_one_step()
    stage.expect("filters", dialog.said["filters"], "0")
    stage.expect("pixels", [stage.pixel(dialog.path, x, 20) for x in (20, 180)], [100, 100])


def test_ok_makes_an_effect_in_one_step():
    dialog = Dialog("effect.png")
    dialog.set_kernel("0.5")
    stage.press(dialog.root, "More", role="toggle button")
    stage.press(dialog.root, "Merge the filter", role="check box")
    dialog.expect_canvas("half as bright", HALF=WIDTH * HEIGHT)
    dialog.finish("OK")
    dialog.expect_one_step()
    stage.expect("filters", dialog.said["filters"], "1")
    stage.expect("pixel", stage.pixel(dialog.path, 180, 20), 100)


def test_killed_it_leaves_nothing():
    dialog = Dialog("killed.png")
    dialog.set_kernel("0.5")
    dialog.expect_canvas("half as bright", HALF=WIDTH * HEIGHT)
    os.kill(dialog.gimp.processes()[0], signal.SIGKILL)
    dialog.finish(None)
    stage.expect("the dialog", dialog.said.get("the dialog"), "failed")
    dialog.expect_nothing_left()


def test_pooling():
    dialog = Dialog("pooled.png", "pool", "Pool", columns=99)
    stage.number(dialog.root, "Width of the window").currentValue = 64
    dialog.expect_canvas("blocks", LIGHT=128 * HEIGHT)
    convolve.shot("canvas-pool.png")
    for name in ("Horizontal stride", "Vertical stride"):
        stage.number(dialog.root, name).currentValue = 1
    stage.set_text(dialog.root, "Padding", "same")
    dialog.expect_canvas("a dilation", LIGHT=131 * HEIGHT)
    stage.number(dialog.root, "Horizontal stride").currentValue = 3
    dialog.expect_canvas("neither", LIGHT=99 * HEIGHT)
    dialog.finish("Cancel")
    dialog.expect_nothing_left()


def test_pooling_makes_an_effect():
    dialog = Dialog("pool-effect.png", "pool", "Pool", columns=99)
    stage.number(dialog.root, "Width of the window").currentValue = 65
    for name in ("Horizontal stride", "Vertical stride"):
        stage.number(dialog.root, name).currentValue = 1
    stage.set_text(dialog.root, "Padding", "same")
    stage.press(dialog.root, "Merge the filter", role="check box")
    dialog.expect_canvas("a dilation", LIGHT=131 * HEIGHT)
    convolve.shot("canvas-pool-effect.png")
    dialog.finish("OK")
    dialog.expect_one_step()
    stage.expect("filters", dialog.said["filters"], "1")
    stage.expect("pixels", [stage.pixel(dialog.path, x, 20) for x in (130, 132)], [200, 0])


def test_what_is_missing_is_said():
    dialog = Dialog("missing.png", window=False, modules=[MODULES[-1]])
    stage.wait_for("the reason", lambda: stage.pyatspi.findDescendant(
        dialog.root, lambda node: "lacks the module" in node.name))
    box = stage.widget(dialog.root, "check box", "Display on canvas")
    stage.expect("sensitive", stage.has(box, stage.pyatspi.STATE_SENSITIVE), False)
    convolve.shot("canvas-missing.png")
    dialog.set_kernel("0.5")
    dialog.finish("OK")
    stage.expect("pixel", stage.pixel(dialog.path, 20, 20), 100)


stage.run([test_canvas_follows_and_cancel_leaves_nothing,
           test_ok_filters_once_in_one_step,
           test_ok_makes_an_effect_in_one_step,
           test_killed_it_leaves_nothing,
           test_pooling,
           test_pooling_makes_an_effect,
           test_what_is_missing_is_said])
