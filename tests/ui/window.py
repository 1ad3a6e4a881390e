# window.py: GIMP in its own window, with a photograph, and Script-Fu that answers while it is open.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import select
import subprocess
import tempfile

import pyatspi

import stage

PHOTOGRAPH = os.path.join(stage.HERE, "..", "..", "plugin", "demo.jpg")
WIDTH, HEIGHT = 400, 266
PANEL = "%dx%d+4+2" % (WIDTH, HEIGHT)  # where in that file the photograph is
SCREEN = 1366  # its width
MARGIN = 3  # GIMP draws a line around the layer

# Evaluates what comes from one pipe and writes results to another.
ANSWERS = """
(let ((questions (open-input-file "%s")))
  (let loop ((question (read questions)))
    (if (not (eof-object? question))
        (let* ((value (catch "an error" (eval question (interaction-environment))))
               (answers (open-output-file "%s")))
          (write value answers)
          (close-output-port answers)
          (loop (read questions))))))
"""

# `image` is the one in the window.
DEFINITIONS = """
(begin
  (define (layer-of image) (vector-ref (car (gimp-image-get-layers image)) 0))
  (define (effects-of image) (vector->list (car (gimp-drawable-get-filters (layer-of image)))))
  (define (save-and-delete image path)
    (gimp-file-save RUN-NONINTERACTIVE image path)
    (gimp-image-delete image))
  (define (save-layer path)
    (let ((copy (car (gimp-image-duplicate image))))
      (for-each gimp-drawable-filter-delete (effects-of copy))
      (save-and-delete copy path)))
  (define (save-visible path)
    (let* ((copy (car (gimp-image-new (car (gimp-image-get-width image))
                                      (car (gimp-image-get-height image)) RGB)))
           (layer (car (gimp-layer-new-from-visible image copy "visible"))))
      (gimp-image-insert-layer copy layer 0 0)
      (save-and-delete copy path)))
  (define (undo-steps)
    (gimp-image-attach-parasite image (list "convnet-test-count" 0 "?"))
    (caddr (car (gimp-image-get-parasite image "convnet-test-answer"))))
  (define image (car (gimp-file-load RUN-NONINTERACTIVE "%s")))
  (define shown (car (gimp-display-new image))))
"""


def pixels(path, *options):
    """Of a picture: bytes, of red, green and blue."""
    return subprocess.check_output(["convert", path, *options, "-depth", "8", "rgb:-"])


def click(node):
    box = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
    subprocess.run(["xdotool", "mousemove", str(box.x + box.width // 2),
                    str(box.y + box.height // 2), "click", "1"], check=True)


def is_shown(node):
    return stage.has(node, pyatspi.STATE_SHOWING)


def find_shown(root, what, matches):
    return stage.wait_for(what, lambda: pyatspi.findDescendant(
        root, lambda node: matches(node) and is_shown(node)))


class Window:
    """GIMP, as large as the screen, with a photograph of one layer on the canvas."""

    def __init__(self, program, modules):
        self.folder = tempfile.TemporaryDirectory()
        self.questions, self.answers = self.path("questions"), self.path("answers")
        photograph = self.path("photograph.png")
        os.mkfifo(self.questions)
        os.mkfifo(self.answers)
        subprocess.run(["convert", PHOTOGRAPH, "-crop", PANEL, "+repage", "-strip", photograph],
                       check=True)
        self.gimp = stage.Stage(program, ANSWERS % (self.questions, self.answers), window=True,
                                modules=modules)
        self.to_gimp = open(os.open(self.questions, os.O_RDWR), "w")  # does not wait for GIMP
        self.ask(DEFINITIONS % photograph)
        self.root = stage.wait_for("the window", self.find_window)
        self.fill_screen()
        self.photograph = pixels(photograph)
        self.corner = stage.wait_for("the photograph at rest on the canvas", self.find_photograph)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def ask(self, expression):
        """Evaluates it in GIMP; what comes out, as text."""
        answer = b""
        with open(os.open(self.answers, os.O_RDONLY | os.O_NONBLOCK), "rb", 0) as pipe:
            self.to_gimp.write(expression + "\n")
            self.to_gimp.flush()
            while select.select([pipe], [], [], 120)[0]:
                part = pipe.read(4096)
                if not part:
                    return answer.decode()
                answer += part
        raise AssertionError("no answer to %s" % expression)

    def close(self):
        self.ask("(gimp-image-clean-all image)")
        self.ask("(gimp-display-delete shown)")
        self.to_gimp.close()
        status, output = self.gimp.finish()
        stage.expect("exit", (status, output if status else ""), (0, ""))

    # What GIMP has.

    def saved(self, function, *arguments):
        path = self.path("saved.png")
        self.ask('(%s "%s")' % (" ".join([function, *arguments]), path))
        return pixels(path)

    def layer(self):
        """The layer's own pixels."""
        return self.saved("save-layer")

    def visible(self):
        """The pixels of the image as it is shown."""
        return self.saved("save-visible")

    def effects(self):
        return int(self.ask("(length (effects-of image))"))

    def undo_steps(self):
        """How many steps can be undone."""
        return int(self.ask("(undo-steps)").strip('"').split()[0])

    # What is on the screen.

    def find_window(self):
        for application in pyatspi.Registry.getDesktop(0):
            for window in application or []:
                if window and window.name.endswith("GIMP"):
                    return window
        return None

    def fill_screen(self):
        found = subprocess.check_output(["xdotool", "search", "--name", "GIMP$"], text=True)
        subprocess.run(["xdotool", "windowmove", found.split()[0], "0", "0",
                        "windowsize", found.split()[0], "100%", "97%"], check=True)
        stage.wait_for("the window to fill the screen", lambda: self.root.queryComponent().getExtents(
            pyatspi.DESKTOP_COORDS).width >= SCREEN)
        self.choose("Center Image in Window")

    def find_photograph(self):
        """Where on the screen its upper left corner is, at a size of 100 %, if it stays there."""
        start = (HEIGHT // 2 * WIDTH + MARGIN) * 3
        row = self.photograph[start:start + (WIDTH - 2 * MARGIN) * 3]
        found = []
        for _ in range(2):
            stage.time.sleep(0.5)
            stage.screenshot(self.path("screen.png"))
            found.append(pixels(self.path("screen.png")).find(row) // 3)
        if found[0] != found[1] or found[0] < 0:
            return None
        return found[0] % SCREEN - MARGIN, found[0] // SCREEN - HEIGHT // 2

    def canvas(self):
        """The photograph's place on the screen."""
        shot = self.path("screen.png")
        stage.screenshot(shot)
        return pixels(shot, "-crop", "%dx%d+%d+%d" % (WIDTH, HEIGHT, *self.corner))

    def expect_canvas(self, what, expected):
        stage.wait_for("%s on the canvas" % what, lambda: inner(self.canvas()) == inner(expected),
                       seconds=20)

    # What a person does.

    def choose(self, item):
        """Of the menus."""
        stage.press(self.root, item, role="menu item")

    def keys(self, *names):
        """In the window."""
        found = subprocess.check_output(["xdotool", "search", "--name", "GIMP$"], text=True)
        subprocess.run(["xdotool", "windowfocus", "--sync", found.split()[0]], check=True)
        stage.keys(*names)

    def open_effects(self):
        """The first of the layer's effects, in a list that the third column of the layers opens."""
        def effect(node):
            role = ("label", "table cell")  # in GIMP 3.2, and before
            return node.getRoleName() in role and "convnet:" in node.name and is_shown(node)

        if not pyatspi.findDescendant(self.root, effect):
            layers = find_shown(self.root, "the layers",
                                lambda node: node.getRoleName() == "tree table")
            click(layers.queryTable().getAccessibleAt(0, 2))
        return find_shown(self.root, "the effects", effect)

    def press_effect(self, effect, description):
        """Selects an effect and presses the button below the list that has this description."""
        click(effect)
        button = find_shown(self.root, "“%s”" % description,
                            lambda node: node.description == description)
        stage.wait_for("“%s” to be sensitive" % description,
                       lambda: stage.has(button, pyatspi.STATE_SENSITIVE))
        button.queryAction().doAction(0)


def inner(picture):
    """Its rows without the margin."""
    return [picture[(y * WIDTH + MARGIN) * 3:(y * WIDTH + WIDTH - MARGIN) * 3]
            for y in range(MARGIN, HEIGHT - MARGIN)]
