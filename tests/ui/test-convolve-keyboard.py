# test-convolve-keyboard.py: the dialog of Convolve… by keyboard alone.
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import convolve
import stage


def focus(dialog):
    node = stage.focused(dialog)
    return node.name if node else None


def expect_focus(dialog, name):
    stage.expect_soon("focus", lambda: focus(dialog), name)


def numbers(dialog):
    return stage.text(dialog, "Kernel numbers")


def test_a_kernel_is_searched_changed_and_used():
    gimp, dialog, path = convolve.start("keyboard.png")
    expect_focus(dialog, "Vertical edge")
    stage.keys("Down")
    expect_focus(dialog, "Horizontal edge")
    stage.expect("cells", stage.text(dialog, "Row 1, column 3"), "1")
    stage.write("sobel hori")
    expect_focus(dialog, "Search kernels")
    stage.wait_for("the search", lambda: sum(
        stage.has(row, stage.pyatspi.STATE_SHOWING)
        for row in stage.widget(dialog, "list box", "Kernels")) == 1)
    stage.keys("Down")
    stage.expect_soon("chosen row", lambda: stage.selected_row(dialog, "Kernels"),
                      "Sobel, horizontal edges")
    expect_focus(dialog, "Sobel, horizontal edges")

    stage.keys("alt+x")
    expect_focus(dialog, "Kernel numbers")
    stage.keys("ctrl+a")
    stage.write("0 0 0; 0 1 0; 0 0 0")
    stage.expect_soon("middle cell", lambda: stage.text(dialog, "Row 2, column 2"), "1")

    stage.keys("alt+v")
    stage.dialog("Save Kernel")
    stage.keys("Escape")
    expect_focus(dialog, "Kernel numbers")
    stage.keys("alt+k", "Tab", "Tab", "Tab")
    expect_focus(dialog, "Row 1, column 1")
    stage.expect("text", numbers(dialog), "0 0 0; 0 1 0; 0 0 0")  # passing a preset chose nothing
    stage.keys("Down", "Right")
    expect_focus(dialog, "Row 2, column 2")
    stage.write("1/2")
    stage.expect_soon("text", lambda: numbers(dialog), "0 0 0\n0 0.5 0\n0 0 0")
    stage.keys("Tab")
    expect_focus(dialog, "Row 2, column 3")
    stage.keys("Down", "Tab")
    expect_focus(dialog, "Rotate")
    stage.keys("alt+d")
    expect_focus(dialog, "Divisor")
    convolve.shot("convolve-keyboard.png")
    stage.keys("Return")
    stage.expect("exit", gimp.finish()[0], 0)
    stage.expect("light half", stage.pixel(path, 10, 20), 128)
    stage.expect("dark half", stage.pixel(path, 50, 20), 0)


def test_a_kernel_is_read_from_a_file():
    file = os.path.join(convolve.WORK, "kernel.txt")
    with open(file, "w", encoding="utf-8") as out:
        out.write("3x1: 1,2,1\n")
    gimp, dialog, _ = convolve.start("file.png")
    expect_focus(dialog, "Vertical edge")
    stage.keys("alt+f")
    chooser = stage.dialog("Open a Kernel")
    stage.wait_for("its focus", lambda: stage.focused(chooser))
    stage.write("/")  # which opens an entry for a path
    stage.wait_for("the path's entry", lambda: stage.focused(chooser).getRoleName() == "text")
    stage.write(file[1:])
    stage.expect_soon("path", lambda: stage.focused(chooser).queryText().getText(0, -1), file)
    stage.keys("Return")
    stage.expect_soon("text", lambda: numbers(dialog), "1 2 1")
    stage.keys("Escape")
    stage.expect("exit", gimp.finish()[0], 0)


def test_mnemonics_in_view_are_all_different():
    gimp, dialog, _ = convolve.start("mnemonics.png")
    expect_focus(dialog, "Vertical edge")
    stage.keys("Down", "Down", "Down", "Down", "Down", "Down")
    expect_focus(dialog, "Sobel at any angle")
    misled = stage.misled(dialog, [
        ("z", "Size"), ("n", "Angle"), ("w", "Width"), ("t", "Height"), ("x", "Kernel numbers"),
        ("d", "Divisor"), ("i", "Bias"), ("k", "Sobel at any angle")])
    stage.keys("alt+u", "Down")  # a combo box tells nobody that it has the focus
    stage.widget(dialog, "label", "Result: 60 × 40 pixels, as a new layer")
    stage.keys("Escape")
    stage.expect("exit", gimp.finish()[0], 0)
    stage.expect("mnemonics that lead elsewhere", misled, {})


stage.window_manager()
stage.run([test_a_kernel_is_searched_changed_and_used,
           test_a_kernel_is_read_from_a_file,
           test_mnemonics_in_view_are_all_different])
