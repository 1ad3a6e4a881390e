# test-convolve.py: the dialog of Convolve…, driven by AT-SPI; the picture that comes out is checked.
# SPDX-License-Identifier: GPL-3.0-or-later
import convolve
import stage

CONTROLS = ("spin button", "combo box", "text", "check box", "button", "toggle button", "list box",
            "list item", "slider")


def test_the_default_kernel_finds_the_edge():
    gimp, dialog, path = convolve.start("default.png")
    stage.press(dialog, "More", role="toggle button")
    stage.wait_for("the rare arguments", lambda: stage.has(
        stage.widget(dialog, "spin button", "Stride"), stage.pyatspi.STATE_SHOWING))
    convolve.shot("convolve-more.png")
    convolve.finish(gimp, dialog)
    stage.expect("on the edge", stage.pixel(path, 30, 20), 255)
    stage.expect("away from it", stage.pixel(path, 10, 20), 0)


def test_a_changed_preset_and_divisor_are_used():
    gimp, dialog, path = convolve.start("divisor.png")
    stage.choose_row(dialog, "Kernels", "Sobel, vertical edges")
    stage.number(dialog, "Divisor").currentValue = 8
    convolve.finish(gimp, dialog)
    # 4 white pixels of weight, by 8
    stage.expect("on the edge", stage.pixel(path, 30, 20), 128)
    stage.expect("away from it", stage.pixel(path, 10, 20), 0)


def test_a_typed_kernel_is_used():
    gimp, dialog, path = convolve.start("typed.png")
    stage.set_text(dialog, "Kernel numbers", "0 0 0\n0 1/2 0\n0 0 0")
    convolve.finish(gimp, dialog)
    stage.expect("light half", stage.pixel(path, 10, 20), 128)
    stage.expect("dark half", stage.pixel(path, 50, 20), 0)


def test_what_is_broken_is_explained_and_cannot_be_confirmed():
    gimp, dialog, path = convolve.start("broken.png")
    stage.set_text(dialog, "Kernel numbers", "1 2\n3 x")
    stage.widget(dialog, "label", "The kernel cannot be read. Line 2, column 3: "
                 "a number was expected, and “x” is none")
    stage.expect("OK with a broken text", convolve.is_ready(dialog), False)
    convolve.shot("convolve-broken-kernel.png")
    stage.set_text(dialog, "Kernel numbers", "1")
    stage.expect_soon("OK with a whole text", lambda: convolve.is_ready(dialog), True)
    stage.set_text(dialog, "Kernel numbers", "1 | 2")
    stage.expect_soon("OK with planes for no channels", lambda: convolve.is_ready(dialog), False)
    stage.set_text(dialog, "Kernel numbers", "1")
    stage.expect_soon("OK", lambda: convolve.is_ready(dialog), True)
    convolve.finish(gimp, dialog)
    stage.expect("light half", stage.pixel(path, 10, 20), 255)


def test_cancel_leaves_the_picture_as_it_was():
    gimp, dialog, path = convolve.start("cancelled.png")
    stage.choose_row(dialog, "Kernels", "Sharpen")
    convolve.finish(gimp, dialog, "Cancel")
    stage.expect("light half", stage.pixel(path, 10, 20), 255)
    stage.expect("on the edge", stage.pixel(path, 30, 20), 0)


def test_it_says_what_comes_out():
    gimp, dialog, path = convolve.start("size.png")
    stage.widget(dialog, "label", "Result: 60 × 40 pixels, in place of the layer")
    stage.press(dialog, "More", role="toggle button")
    stage.number(dialog, "Stride").currentValue = 2
    stage.widget(dialog, "label", "Result: 30 × 20 pixels, as a new layer")
    stage.set_text(dialog, "Padding", "valid")
    stage.widget(dialog, "label", "Result: 29 × 19 pixels, as a new layer")
    stage.choose(dialog, "Output", "New image")
    stage.widget(dialog, "label", "Result: 29 × 19 pixels, as a new image")
    stage.set_text(dialog, "Kernel numbers", "1 0 || 0 1")
    stage.widget(dialog, "label", "Result: 30 × 20 pixels, as 2 new layers, of which the preview "
                 "shows the first")
    convolve.shot("convolve-stride.png")
    stage.press(dialog, "Reset")
    convolve.finish(gimp, dialog, "Cancel")


def test_every_control_has_a_name():
    gimp, dialog, _ = convolve.start("names.png")
    stage.press(dialog, "More", role="toggle button")
    stage.choose_row(dialog, "Kernels", "Sobel at any angle")
    controls = stage.pyatspi.findAllDescendants(
        dialog, lambda node: node.getRoleName().replace("push ", "") in CONTROLS
        and stage.has(node, stage.pyatspi.STATE_VISIBLE))
    nameless = [node.getRoleName() for node in controls if not node.name]
    if nameless:
        print("\n".join("# " + line for line in stage.tree(dialog)))
    convolve.finish(gimp, dialog, "Cancel")
    stage.expect("controls without a name", nameless, [])


stage.window_manager()
stage.run([test_the_default_kernel_finds_the_edge,
           test_a_changed_preset_and_divisor_are_used,
           test_a_typed_kernel_is_used,
           test_what_is_broken_is_explained_and_cannot_be_confirmed,
           test_cancel_leaves_the_picture_as_it_was,
           test_it_says_what_comes_out,
           test_every_control_has_a_name])
