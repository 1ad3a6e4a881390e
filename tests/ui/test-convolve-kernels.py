# test-convolve-kernels.py: kernels in the dialog of Convolve…: chosen, changed, saved, found again.
# SPDX-License-Identifier: GPL-3.0-or-later
import os

import convolve
import stage

PROFILE = os.path.join(convolve.WORK, "profile")  # stays from one start of GIMP to the next


def cell(row, column):
    return "Row %d, column %d" % (row, column)


def cells(dialog, rows, columns):
    return [[stage.text(dialog, cell(row, column)) for column in range(1, columns + 1)]
            for row in range(1, rows + 1)]


def numbers(dialog):
    return stage.text(dialog, "Kernel numbers")


def test_a_preset_is_changed_and_saved_and_used():
    gimp, dialog, path = convolve.start("changed.png", PROFILE)
    stage.choose_row(dialog, "Kernels", "Sobel, vertical edges")
    stage.expect("cells", cells(dialog, 3, 3), [["1", "0", "-1"], ["2", "0", "-2"], ["1", "0", "-1"]])
    stage.expect("text", numbers(dialog), "1 0 -1\n2 0 -2\n1 0 -1")

    stage.set_text(dialog, cell(2, 1), "3/4")
    stage.expect("text after a cell", numbers(dialog), "1 0 -1\n0.75 0 -2\n1 0 -1")
    stage.expect("chosen row", stage.selected_row(dialog, "Kernels"), None)
    stage.set_text(dialog, cell(2, 1), "x")
    stage.expect("text after nonsense", numbers(dialog), "1 0 -1\n0.75 0 -2\n1 0 -1")

    stage.set_text(dialog, "Kernel numbers", "1 0 -1; 2 0 -2; 1 0 -1")
    stage.expect("cells after a text", cells(dialog, 3, 3)[1], ["2", "0", "-2"])
    stage.press(dialog, "Rotate")
    stage.expect("text after a turn", numbers(dialog), "1 2 1\n0 0 0\n-1 -2 -1")
    stage.press(dialog, "Transpose")
    stage.expect("text after exchange", numbers(dialog), "1 0 -1\n2 0 -2\n1 0 -1")
    stage.press(dialog, "Normalise")
    stage.expect("text after scaling", numbers(dialog), "0.25 0 -0.25\n0.5 0 -0.5\n0.25 0 -0.25")
    stage.press(dialog, "Negate")
    stage.press(dialog, "Mirror")
    stage.press(dialog, "Flip")
    stage.expect("text after all", numbers(dialog), "0.25 0 -0.25\n0.5 0 -0.5\n0.25 0 -0.25")
    stage.number(dialog, "Width").currentValue = 5
    stage.expect("cells of five columns", cells(dialog, 3, 5)[1], ["0", "0.5", "0", "-0.5", "0"])
    convolve.shot("convolve-cells.png")

    stage.press(dialog, "Save the kernel")
    question = stage.dialog("Save Kernel")
    stage.set_text(question, "Name", "Mine, gentle")
    stage.press(question, "Save")
    stage.expect_soon("chosen row", lambda: stage.selected_row(dialog, "Kernels"), "Mine, gentle")
    convolve.shot("convolve-own.png")
    convolve.finish(gimp, dialog)
    # 1 white pixel of weight
    stage.expect("on the edge", stage.pixel(path, 30, 20), 255)
    stage.expect("away from it", stage.pixel(path, 10, 20), 0)


def test_it_is_found_again_and_deleted():
    gimp, dialog, path = convolve.start("again.png", PROFILE)
    stage.expect("the last values", stage.selected_row(dialog, "Kernels"), "Mine, gentle")
    stage.choose_row(dialog, "Kernels", "Sharpen")
    stage.choose_row(dialog, "Kernels", "Mine, gentle")
    stage.expect("text", numbers(dialog), "0 0.25 0 -0.25 0\n0 0.5 0 -0.5 0\n0 0.25 0 -0.25 0")
    stage.set_text(dialog, "Search kernels", "gentle")
    stage.press(dialog, "Delete the kernel")
    question = stage.wait_for("a question", lambda: [
        window for application in stage.pyatspi.Registry.getDesktop(0) for window in application
        if window.getRoleName() == "alert"])[0]
    stage.press(question, "Delete")
    stage.wait_for("it to be gone", lambda: "Mine, gentle" not in stage.rows(dialog, "Kernels"))
    stage.expect("text", numbers(dialog), "0 0.25 0 -0.25 0\n0 0.5 0 -0.5 0\n0 0.25 0 -0.25 0")
    convolve.finish(gimp, dialog)


def test_families_planes_and_large_kernels():
    gimp, dialog, _ = convolve.start("families.png")
    stage.choose_row(dialog, "Kernels", "Edge at any angle")
    stage.expect("size", stage.number(dialog, "Size").currentValue, 3)
    stage.number(dialog, "Angle").currentValue = 90
    stage.expect("cells", [row[1] for row in cells(dialog, 3, 3)], ["1", "0", "-1"])
    stage.expect("chosen row", stage.selected_row(dialog, "Kernels"), "Edge at any angle")
    stage.number(dialog, "Size").currentValue = 5
    stage.expect("rows", len(numbers(dialog).split("\n")), 5)
    convolve.shot("convolve-family.png")
    stage.number(dialog, "Size").currentValue = 21
    picture = stage.widget(dialog, "drawing area", "Picture of the kernel")
    stage.expect("picture", stage.has(picture, stage.pyatspi.STATE_SHOWING), True)
    convolve.shot("convolve-large.png")

    stage.set_text(dialog, "Kernel numbers", "1 2 | 3 4 | 5 6 || 7 8 | 9 10 | 11 12")
    stage.expect("first", cells(dialog, 1, 2), [["1", "2"]])
    stage.number(dialog, "Filter").currentValue = 2
    stage.number(dialog, "Plane").currentValue = 3
    stage.expect("last", cells(dialog, 1, 2), [["11", "12"]])
    stage.set_text(dialog, cell(1, 2), "-12")
    stage.expect("text", numbers(dialog).split()[-1], "-12")
    stage.press(dialog, "Clear")
    stage.expect("cleared", set(numbers(dialog).replace("|", "").replace(";", "").split()), {"0"})
    convolve.finish(gimp, dialog, "Cancel")


def test_settings_are_saved_loaded_and_reset():
    gimp, dialog, _ = convolve.start("settings.png")
    stage.choose_row(dialog, "Kernels", "Edge at any angle")
    stage.number(dialog, "Angle").currentValue = 45
    stage.press(dialog, "Save Settings")
    stage.choose_row(dialog, "Kernels", "Sharpen")
    stage.press(dialog, "Load Saved Settings")
    stage.expect("loaded", (stage.selected_row(dialog, "Kernels"),
                            stage.number(dialog, "Angle").currentValue), ("Edge at any angle", 45))
    stage.set_text(dialog, cell(1, 1), "7")
    stage.press(dialog, "Reset")
    stage.press(dialog, "Reset to Factory Defaults")
    stage.expect_soon("reset", lambda: (stage.selected_row(dialog, "Kernels"), numbers(dialog)),
                      ("Vertical edge", "1 0 -1\n1 0 -1\n1 0 -1"))
    convolve.finish(gimp, dialog, "Cancel")


stage.window_manager()
stage.run([test_a_preset_is_changed_and_saved_and_used,
           test_it_is_found_again_and_deleted,
           test_families_planes_and_large_kernels,
           test_settings_are_saved_loaded_and_reset])
