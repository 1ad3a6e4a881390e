# stage.py: a GIMP whose dialogs appear on a display of their own, driven by AT-SPI as a person would.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess
import sys
import tempfile
import time

import pyatspi

HERE = os.path.dirname(os.path.abspath(__file__))
HEADLESS = os.path.join(HERE, "..", "gimp", "headless")


class Stage:
    """Evaluates a Script-Fu expression in a GIMP with the plug-in, whose dialogs have a display."""

    def __init__(self, program, expression):
        name = os.path.basename(program)
        self.folder = tempfile.TemporaryDirectory()
        os.mkdir(os.path.join(self.folder.name, name))
        os.symlink(os.path.abspath(program), os.path.join(self.folder.name, name, name))
        self.gimp = subprocess.Popen([HEADLESS, "-p", os.path.join(self.folder.name, name),
                                      expression],
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def finish(self, seconds=60):
        """Waits for GIMP to end; its exit status and what it printed."""
        try:
            output, _ = self.gimp.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.gimp.kill()
            output, _ = self.gimp.communicate()
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
    return wait_for("the dialog “%s”" % title, find)


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


def tree(root, depth=0):
    """The widgets below `root`, for the log of a test that failed."""
    lines = ["%s%s “%s”" % ("  " * depth, root.getRoleName(), root.name)]
    for child in root:
        if child:
            lines += tree(child, depth + 1)
    return lines


def screenshot(path):
    subprocess.run(["import", "-window", "root", path], check=True)


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
            for line in str(error).splitlines() or [repr(error)]:
                print("# " + line)
        sys.stdout.flush()
    sys.exit(1 if failed else 0)
