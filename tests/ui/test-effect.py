# test-effect.py: our effects in GIMP's own window: added, edited, hidden, undone and merged.
# SPDX-License-Identifier: GPL-3.0-or-later
import shutil
import subprocess
import sys

import convolve
import stage
import window

# What an effect shows is what the procedure makes, which is tested in tests/gimp.
FILTERED = """
(define (save-filtered path procedure . arguments)
  (let ((copy (car (gimp-image-duplicate photograph))))
    (apply procedure #:run-mode RUN-NONINTERACTIVE #:image copy
           #:drawables (vector (layer-of copy)) arguments)
    (save-and-delete copy path)))
"""
SHARPEN = 'plug-in-convnet-convolve #:kernel "sharpen"'
EDGES = 'plug-in-convnet-convolve #:kernel "sobel" #:flip TRUE'
DILATION = ('plug-in-convnet-pool #:window-width 3 #:window-height 3 #:stride-x 1 #:stride-y 1 '
            '#:padding "same"')


class Story:
    """A window in which something is done to the photograph; its screenshots are numbered."""

    def __init__(self, name):
        self.name, self.shots = name, 0
        self.window = window.Window(convolve.PLUG_IN, sys.argv[3:])
        self.window.ask("(define photograph (car (gimp-image-duplicate image)))")
        self.window.ask(FILTERED)
        self.before = self.window.undo_steps()
        self.photograph = self.window.photograph

    def filtered(self, call):
        """What a procedure makes of the photograph, which is something else."""
        procedure, arguments = call.split(" ", 1)
        path = self.window.path("filtered.png")
        self.window.ask('(save-filtered "%s" %s %s)' % (path, procedure, arguments))
        filtered = window.pixels(path)
        if filtered == self.photograph:
            raise AssertionError("%s has done nothing" % call)
        return filtered

    def expect_canvas(self, what, picture):
        try:
            self.window.expect_canvas(what, picture)
        except AssertionError:
            convolve.shot("%s-failed.png" % self.name)
            raise

    def expect(self, what, layer, visible, effects, steps):
        """`steps`: how many can be undone; None for any number."""
        self.expect_canvas(what, visible)
        stage.expect_soon("effects, " + what, self.window.effects, effects)
        if steps is not None:
            stage.expect_soon("steps, " + what, self.steps, steps)
        stage.expect("layer, " + what, self.window.layer() == layer, True)
        stage.expect("image, " + what, self.window.visible() == visible, True)
        self.shots += 1
        convolve.shot("%s-%d-%s.png" % (self.name, self.shots, what.replace(" ", "-")))

    def steps(self):
        """How many steps can be undone."""
        return self.window.undo_steps() - self.before

    def dialog(self, title):
        """GIMP's own, moved away from the canvas."""
        root = stage.dialog(title)
        found = subprocess.check_output(["xdotool", "search", "--name", r"\(convnet:.*\)$"],
                                        text=True).split()
        subprocess.run(["xdotool", "windowmove", found[-1], "0", "40"], check=True)
        return root

    def add(self, kernel, expected):
        self.window.choose("Convolve as Effect…")
        dialog = self.dialog("Convolve (convnet:convolve)")
        set_kernel(dialog, kernel)
        self.expect_canvas("the dialog's preview", expected)
        convolve.shot("%s-dialog.png" % self.name)
        stage.press(dialog, "OK")

    def edit(self, kernel, expected, button):
        self.window.press_effect(self.window.open_effects(), "Edit the selected filter.")
        dialog = self.dialog("Convolve (convnet:convolve)")
        set_kernel(dialog, kernel)
        stage.press(dialog, "True convolution (kernel turned by 180°)", role="check box")
        self.expect_canvas("the dialog's preview", expected)
        convolve.shot("%s-edited-dialog.png" % self.name)
        stage.press(dialog, button)

    def close(self):
        self.window.ask("(gimp-image-delete photograph)")
        self.window.close()


def set_kernel(dialog, text):
    """The first text of GIMP's dialog, whose widgets have no names."""
    box = stage.wait_for("the kernel", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "text"))
    box.queryEditableText().setTextContents(text)


def test_added_edited_undone():
    story = Story("effect")
    sharp, edges, photograph = story.filtered(SHARPEN), story.filtered(EDGES), story.photograph
    story.expect("at first", photograph, photograph, 0, 0)
    story.add("sharpen", sharp)
    story.expect("added", photograph, sharp, 1, 1)
    story.edit("sobel", edges, "Cancel")
    story.expect("as it was", photograph, sharp, 1, 1)
    story.edit("sobel", edges, "OK")
    story.expect("edited", photograph, edges, 1, 2)
    story.window.keys("ctrl+z")
    story.expect("edit undone", photograph, sharp, 1, 1)
    story.window.keys("ctrl+z")
    story.expect("addition undone", photograph, photograph, 0, 0)
    story.window.keys("ctrl+y")
    story.expect("addition redone", photograph, sharp, 1, 1)
    story.window.keys("ctrl+y")
    story.expect("edit redone", photograph, edges, 1, 2)
    story.close()


def test_hidden_and_merged():
    story = Story("effect-merged")
    sharp, photograph = story.filtered(SHARPEN), story.photograph
    story.add("sharpen", sharp)
    story.expect("added", photograph, sharp, 1, 1)
    effect = story.window.open_effects()
    story.window.press_effect(effect, "Toggle the visibility of all filters.")
    story.expect("hidden", photograph, photograph, 1, None)  # a step in GIMP 3.2 only
    story.window.press_effect(effect, "Toggle the visibility of all filters.")
    story.expect("shown", photograph, sharp, 1, None)
    steps = story.steps()
    story.window.press_effect(effect, "Merge all active filters down.")
    story.expect("merged", sharp, sharp, 0, steps + 1)
    story.window.keys("ctrl+z")
    story.expect("merging undone", photograph, sharp, 1, steps)
    story.window.keys("ctrl+y")
    story.expect("merging redone", sharp, sharp, 0, steps + 1)
    story.close()


def test_pooled_at_once():
    story = Story("effect-pool")
    dilated, photograph = story.filtered(DILATION), story.photograph
    story.window.choose("Pool as Effect…")
    dialog = story.dialog("Pool (convnet:pool)")
    story.expect_canvas("the dialog's preview", dilated)
    stage.press(dialog, "Cancel")
    story.expect("cancelled", photograph, photograph, 0, 0)
    story.window.choose("Pool as Effect…")
    dialog = story.dialog("Pool (convnet:pool)")
    stage.press(dialog, "Merge filter", role="check box")
    story.expect_canvas("the dialog's preview", dilated)
    convolve.shot("effect-pool-dialog.png")
    stage.press(dialog, "OK")
    story.expect("merged", dilated, dilated, 0, 1)
    story.window.keys("ctrl+z")
    story.expect("undone", photograph, photograph, 0, 0)
    story.close()


for tool in ("convert", "openbox", "xdotool"):
    if not shutil.which(tool):
        print("1..0 # SKIP there is no %s" % tool)
        sys.exit()
stage.window_manager()
stage.run([test_added_edited_undone, test_hidden_and_merged, test_pooled_at_once])
