# stage.py: a GIMP whose dialogs appear on a display of their own, driven by AT-SPI as a person would.
# SPDX-License-Identifier: GPL-3.0-or-later
import atexit
import os
import subprocess
import sys
import tempfile
import time

import pyatspi

HERE = os.path.dirname(os.path.abspath(__file__))
MODELS = os.path.abspath(os.path.join(HERE, "..", "..", "filters", "data", "models"))
HEADLESS = os.path.join(HERE, "..", "gimp", "headless")
SYSTEM_MODULES = subprocess.check_output(["pkg-config", "--variable=pluginsdir", "gegl-0.4"],
                                         text=True).strip()


class Stage:
    """Evaluates a Script-Fu expression in a GIMP with the plug-in, whose dialogs have a display.
    A profile folder that is given is kept: what one run has saved, the next one finds. `window`:
    GIMP has one too, in which it shows images. `modules`: folders of modules for GEGL."""

    running = []  # those that a failed test has left

    def __init__(self, program, expression, profile=None, window=False, modules=()):
        name = os.path.basename(program)
        catalogues = os.path.join(os.path.dirname(program), "..", "po")
        options = (["-d", profile] if profile else []) + (["-w"] if window else [])
        environment = dict(os.environ)
        if modules:
            environment["GEGL_PATH"] = ":".join([*modules, SYSTEM_MODULES])
        self.folder = tempfile.TemporaryDirectory()
        os.mkdir(os.path.join(self.folder.name, name))
        os.symlink(os.path.abspath(program), os.path.join(self.folder.name, name, name))
        os.symlink(os.path.abspath(catalogues), os.path.join(self.folder.name, name, "locale"))
        os.symlink(MODELS, os.path.join(self.folder.name, name, "models"))
        self.gimp = subprocess.Popen([HEADLESS, *options, "-p",
                                      os.path.join(self.folder.name, name), expression],
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                     env=environment, start_new_session=True)
        Stage.running.append(self)

    def stop(self):
        """Ends GIMP and all that it has started."""
        subprocess.run(["pkill", "-KILL", "--session", str(self.gimp.pid)], check=False)
        self.finish(10)

    def processes(self):
        """Those of the plug-in, the oldest first."""
        found = subprocess.run(["pgrep", "--session", str(self.gimp.pid), "-x", "convnet"],
                               stdout=subprocess.PIPE, text=True, check=False).stdout.split()
        return sorted(map(int, found), key=lambda process: os.stat("/proc/%d" % process).st_ctime)

    def finish(self, seconds=60):
        """Waits for GIMP to end; its exit status and what it printed."""
        try:
            output, _ = self.gimp.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.gimp.kill()
            output, _ = self.gimp.communicate()
        Stage.running.remove(self)
        self.folder.cleanup()
        return self.gimp.returncode, output


def wait_for(what, find, seconds=40):
    """The first true result of find(); an error that says what was waited for after some time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            found = find()
            if found:
                return found
        except Exception:  # the tree changes while it is read
            pass
        time.sleep(0.1)
    raise AssertionError("waited %d s in vain for %s" % (seconds, what))


def dialog(title):
    """The window of that title, of whatever application shows it."""
    def find():
        for application in pyatspi.Registry.getDesktop(0):
            for window in application or []:
                if window and window.name == title:
                    return window
        return None
    return wait_for("the dialog “%s”" % title, find, seconds=90)


def widget(root, role, name):
    """The widget of that role and accessible name. (AT-SPI has renamed “push button”.)"""
    def matches(node):
        return node.getRoleName().replace("push ", "") == role and node.name == name
    return wait_for("the %s “%s”" % (role, name), lambda: pyatspi.findDescendant(root, matches))


def press(root, name, role="button"):
    widget(root, role, name).queryAction().doAction(0)


def choose(root, name, item):
    """Chooses an item of a combo box."""
    box = widget(root, "combo box", name)
    entry = pyatspi.findDescendant(
        box, lambda node: node.getRoleName() == "menu item" and node.name == item)
    if not entry:
        raise AssertionError("“%s” has no item “%s”" % (name, item))
    entry.queryAction().doAction(0)


def choose_row(root, name, item):
    """Selects a row of a list."""
    rows = widget(root, "list box", name)
    for index in range(rows.childCount):
        if rows.getChildAtIndex(index).name == item:
            rows.querySelection().selectChild(index)
            return
    raise AssertionError("“%s” has no row “%s”" % (name, item))


def rows(root, name):
    return [row.name for row in widget(root, "list box", name)]


def selected_row(root, name):
    chosen = widget(root, "list box", name).querySelection().getSelectedChild(0)
    return chosen.name if chosen else None


def number(root, name):
    """The value of a spin button, which can be set by its currentValue."""
    return widget(root, "spin button", name).queryValue()


def slider(root, name):
    """The value of a slider, likewise."""
    return widget(root, "slider", name).queryValue()


def text(root, name):
    node = widget(root, "text", name)
    return node.queryText().getText(0, -1)


def set_text(root, name, value):
    widget(root, "text", name).queryEditableText().setTextContents(value)


def bars(root):
    """Names and values of the bars in view, from above."""
    found = []

    def look(node):
        for child in node:
            if child and child.getRoleName() == "level bar" and has(child, pyatspi.STATE_VISIBLE):
                top = child.queryComponent().getExtents(pyatspi.DESKTOP_COORDS).y
                found.append((top, child.name, child.queryValue().currentValue))
            elif child:
                look(child)
    look(root)
    return [(name, value) for _top, name, value in sorted(found)]


def has(node, state):
    return node.getState().contains(state)


def keys(*names):
    """Presses keys one after the other, in whatever window has the focus."""
    subprocess.run(["xdotool", "key", "--clearmodifiers", "--delay", "40", *names], check=True)
    time.sleep(0.2)


def write(what):
    subprocess.run(["xdotool", "type", "--clearmodifiers", "--delay", "20", what], check=True)
    time.sleep(0.2)


def language(name):
    """What is started from now on speaks that language, which need not be set up on the system."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    subprocess.run(["localedef", "-i", name, "-f", "UTF-8",
                    os.path.join(folder.name, name + ".UTF-8")], check=True)
    os.environ.update(LOCPATH=folder.name, LC_ALL=name + ".UTF-8")


def window_manager():
    """Windows take the keyboard only where there is one."""
    manager = subprocess.Popen(["openbox"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    atexit.register(manager.kill)
    time.sleep(0.5)


def focused(root):
    """The widget that has the keyboard."""
    return pyatspi.findDescendant(root, lambda node: has(node, pyatspi.STATE_FOCUSED))


def misled(dialog, mnemonics):
    """The letters of `mnemonics`, pairs of a letter and a name, that lead to another widget."""
    reached = {}
    for key, name in mnemonics:
        keys("alt+" + key)
        try:
            wait_for("focus", lambda: getattr(focused(dialog), "name", None) == name, seconds=3)
        except AssertionError:
            reached[key] = getattr(focused(dialog), "name", None)
    return reached


def expect(what, value, expected):
    if value != expected:
        raise AssertionError("%s: %r instead of %r" % (what, value, expected))


def expect_soon(what, get, expected):
    """Waits for a value: the dialog may still be at work."""
    try:
        wait_for(what, lambda: get() == expected, seconds=10)
    except AssertionError:
        expect(what, get(), expected)


def pixel(path, x, y):
    """The red value of a pixel, 0 … 255."""
    return subprocess.check_output(["convert", path, "-crop", "1x1+%d+%d" % (x, y), "-depth", "8",
                                    "rgb:-"])[0]


def tree(root, depth=0):
    """The widgets below `root`, for the log of a test that failed."""
    lines = ["%s%s “%s”" % ("  " * depth, root.getRoleName(), root.name)]
    for child in root:
        if child:
            lines += tree(child, depth + 1)
    return lines


def screenshot(path, node=None):
    """Of the screen, or of the part of it where a widget is."""
    where = []
    if node:
        x, y, width, height = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        where = ["-crop", "%dx%d+%d+%d" % (width, height, x, y), "+repage"]
    subprocess.run(["import", "-window", "root", *where, path], check=True)


def run(tests):
    """Runs functions as TAP tests, and exits."""
    failed = 0
    print("1..%d" % len(tests))
    for number, test in enumerate(tests, 1):
        try:
            test()
            print("ok %d %s" % (number, test.__name__))
        except Exception as error:
            failed += 1
            print("not ok %d %s" % (number, test.__name__))
            for left in list(Stage.running):
                left.stop()
            for line in str(error).splitlines() or [repr(error)]:
                print("# " + line)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
