# test-resize.py: the dialogs of Pool… and Upscale…, driven by AT-SPI; the pictures that come out are checked.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import subprocess

import convolve
import stage

SCRIPT = convolve.SCRIPT.replace("plug-in-convnet-convolve", "plug-in-convnet-%s")


def start(stem, title, name):
    path = os.path.join(convolve.WORK, name)
    return stage.Stage(convolve.PLUG_IN, SCRIPT % (stem, path)), stage.dialog(title), path


def size(path):
    return subprocess.check_output(["identify", "-format", "%wx%h", path], text=True)


def expect_label(dialog, text):
    stage.wait_for("“%s”" % text, lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.name == text))


def test_pooling_says_its_size_and_scales():
    gimp, dialog, path = start("pool", "Pool", "pooled.png")
    expect_label(dialog, "60 × 40 → 30 × 20")
    stage.number(dialog, "Width of the window").currentValue = 7
    stage.number(dialog, "Height of the window").currentValue = 4
    expect_label(dialog, "60 × 40 → 8 × 10")
    stage.choose(dialog, "Kind", "Average")
    stage.choose(dialog, "Zoom", "800 %")
    stage.time.sleep(1)
    convolve.shot("pool.png")
    convolve.finish(gimp, dialog)
    stage.expect("size", size(path), "8x10")
    # The fifth window holds columns 28 … 34: two of seven are white.
    stage.expect("average", stage.pixel(path, 4, 5), 73)
    stage.expect("light half", stage.pixel(path, 1, 5), 255)


def test_stride_1_keeps_the_size():
    gimp, dialog, path = start("pool", "Pool", "dilated.png")
    stage.number(dialog, "Width of the window").currentValue = 3
    stage.number(dialog, "Horizontal stride").currentValue = 1
    stage.number(dialog, "Vertical stride").currentValue = 1
    stage.set_text(dialog, "Padding", "same")
    expect_label(dialog, "60 × 40 → 60 × 40, in place of the layer")
    convolve.finish(gimp, dialog)
    stage.expect("size", size(path), "60x40")
    stage.expect("dilated", [stage.pixel(path, x, 20) for x in (29, 30, 31)], [255, 255, 0])


def test_what_is_broken_is_explained():
    gimp, dialog, _path = start("pool", "Pool", "broken.png")
    stage.number(dialog, "Width of the window").currentValue = 61
    stage.wait_for("OK to be off", lambda: not convolve.is_ready(dialog))
    stage.wait_for("the reason", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: "does not fit into the picture" in node.name))
    convolve.shot("pool-broken.png")
    stage.number(dialog, "Width of the window").currentValue = 60
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    convolve.finish(gimp, dialog, "Cancel")


def test_upscaling_by_name():
    gimp, dialog, path = start("upscale", "Upscale", "upscaled.png")
    expect_label(dialog, "60 × 40 → 120 × 80")
    stage.choose(dialog, "Method", "Bilinear")
    stage.number(dialog, "Factor").currentValue = 4
    expect_label(dialog, "60 × 40 → 240 × 160")
    stage.choose(dialog, "Output", "New layer")
    convolve.shot("upscale.png")
    stage.choose(dialog, "Output", "Scale the image")
    convolve.finish(gimp, dialog)
    stage.expect("size", size(path), "240x160")
    # Between the centres of columns 29 and 30: 7/8, 5/8, 3/8 and 1/8 white.
    stage.expect("ramp", [stage.pixel(path, x, 80) for x in (118, 119, 120, 121)],
                 [223, 159, 96, 32])


def test_upscaling_by_a_kernel():
    gimp, dialog, path = start("upscale", "Upscale", "kernel.png")
    stage.choose(dialog, "Method", "A kernel of your choice")
    stage.wait_for("its arguments", lambda: stage.has(
        stage.widget(dialog, "spin button", "Stride"), stage.pyatspi.STATE_SHOWING))
    stage.set_text(dialog, "Kernel", "1/2 1/2 1/2")
    stage.set_text(dialog, "Padding", "valid")
    expect_label(dialog, "60 × 40 → 121 × 79")
    stage.time.sleep(1)
    convolve.shot("upscale-kernel.png")
    stage.set_text(dialog, "Kernel", "1/2 x")
    stage.wait_for("OK to be off", lambda: not convolve.is_ready(dialog))
    stage.set_text(dialog, "Kernel", "1/2 1/2 1/2")
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    convolve.finish(gimp, dialog)
    stage.expect("size", size(path), "121x79")
    # The kernel's third number falls on the next one's first: the checkerboard of the lecture.
    stage.expect("overlap", [stage.pixel(path, x, 20) for x in (10, 11, 12)], [255, 128, 255])


def test_mnemonics_in_view_are_all_different():
    gimp, dialog, _path = start("pool", "Pool", "mnemonics.png")
    misled = stage.misled(dialog, [
        ("w", "Width of the window"), ("i", "Height of the window"), ("n", "Horizontal stride"),
        ("v", "Vertical stride"), ("g", "Padding")])
    convolve.finish(gimp, dialog, "Cancel")
    gimp, dialog, _path = start("upscale", "Upscale", "mnemonics.png")
    stage.choose(dialog, "Method", "A kernel of your choice")
    misled.update(stage.misled(dialog, [
        ("k", "Kernel"), ("i", "Size"), ("n", "Angle"), ("w", "Width (sigma)"), ("t", "Stride"),
        ("g", "Padding"), ("d", "Output padding")]))
    convolve.finish(gimp, dialog, "Cancel")
    stage.expect("mnemonics that lead elsewhere", misled, {})


def test_by_keyboard():
    gimp, dialog, path = start("upscale", "Upscale", "keys.png")
    stage.keys("alt+f")
    stage.expect_soon("focus", lambda: getattr(stage.focused(dialog), "name", None), "Factor")
    stage.keys("ctrl+a")
    stage.write("3")
    stage.keys("Tab")
    expect_label(dialog, "60 × 40 → 180 × 120")
    stage.keys("alt+f", "Return")
    status, output = gimp.finish()
    stage.expect("exit", (status, output if status else ""), (0, ""))
    stage.expect("size", size(path), "180x120")


stage.window_manager()
stage.run([test_pooling_says_its_size_and_scales,
           test_stride_1_keeps_the_size,
           test_what_is_broken_is_explained,
           test_upscaling_by_name,
           test_upscaling_by_a_kernel,
           test_mnemonics_in_view_are_all_different,
           test_by_keyboard])
