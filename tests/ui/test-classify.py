# test-classify.py: the dialog of Classify…, driven by AT-SPI: bars that follow the arguments, and the layer that comes.
# SPDX-License-Identifier: GPL-3.0-or-later
import os
import tempfile

import convolve
import stage

SCRIPT = convolve.SCRIPT.replace("plug-in-convnet-convolve", "plug-in-convnet-classify")
KNOWN = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def start(name, script=SCRIPT):
    return convolve.start(name, tempfile.mkdtemp(dir=convolve.WORK), script, "Classify")


def wait_for_bars(dialog, count):
    return stage.wait_for("%d bars" % count, lambda: len(stage.bars(dialog)) == count and stage.bars(dialog))


def test_bars_follow_the_arguments():
    gimp, dialog, path = start("bars.png")
    stage.set_text(dialog, "Model", "")
    stage.wait_for("OK to be off without a model", lambda: not convolve.is_ready(dialog))
    stage.set_text(dialog, "Model", "cifar-net")
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    five = wait_for_bars(dialog, 5)
    values = [value for _name, value in five]
    stage.expect("the order", values, sorted(values, reverse=True))
    stage.expect("unknown classes", [name for name, _value in five if name not in KNOWN], [])
    stage.number(dialog, "Number of classes").currentValue = 10
    ten = wait_for_bars(dialog, 10)
    stage.expect("the sum", round(sum(value for _name, value in ten), 4), 1)
    stage.expect_soon("the number", lambda: stage.widget(
        dialog, "spin button", "Number of classes").queryText().getText(0, -1), "10")
    convolve.shot("classify.png")
    stage.set_text(dialog, "Model", "lecture-net")
    stage.wait_for("other values", lambda: len(stage.bars(dialog)) == 10 and stage.bars(dialog) != ten)
    convolve.finish(gimp, dialog)
    # Nothing was asked for but the answer.
    stage.expect("the picture", [stage.pixel(path, x, 20) for x in (29, 30)], [255, 0])


def test_a_heat_map():
    gimp, dialog, path = start("heat.png")
    stage.set_text(dialog, "Model", "cifar-net")
    wait_for_bars(dialog, 5)
    window = stage.widget(dialog, "spin button", "Window")
    stage.expect("the window before", stage.has(window, stage.pyatspi.STATE_SENSITIVE), False)
    stage.choose(dialog, "Heat map", "Probability in sliding windows")
    stage.wait_for("the window", lambda: stage.has(window, stage.pyatspi.STATE_SENSITIVE))
    stage.set_text(dialog, "Class of the map", "frogs")
    stage.wait_for("the reason", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "label" and "no class “frogs”" in node.name))
    stage.expect("OK", convolve.is_ready(dialog), False)
    convolve.shot("classify-refused.png")
    stage.choose(dialog, "Heat map", "What spoke for the class")
    stage.set_text(dialog, "Class of the map", "")
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    convolve.finish(gimp, dialog)
    # The layer above lets neither half as it was everywhere.
    changed = [x for x in range(0, 60, 3) if stage.pixel(path, x, 20) != (255 if x < 30 else 0)]
    if not changed:
        raise AssertionError("the picture shows no heat map")


def test_what_is_no_classifier():
    gimp, dialog, _path = start("cancelled.png")
    stage.set_text(dialog, "Model", "nobody")
    stage.wait_for("the reason", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "label" and "no model “nobody”" in node.name))
    stage.widget(dialog, "page tab", "Network").parent.querySelection().selectChild(1)
    stage.set_text(dialog, "Model", "lecture-net")
    stage.wait_for("the layers", lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "table cell" and node.name == "conv1"))
    convolve.shot("classify-network.png")
    convolve.finish(gimp, dialog, "Cancel")


def test_the_keys():
    gimp, dialog, _path = start("keys.png")
    stage.set_text(dialog, "Model", "cifar-net")
    stage.choose(dialog, "Heat map", "Probability in sliding windows")
    wait_for_bars(dialog, 5)
    misled = stage.misled(dialog, [("m", "Model"), ("n", "Number of classes"), ("y", "Memory limit"),
                                   ("a", "Class of the map"), ("w", "Window")])
    stage.expect("mnemonics that lead elsewhere", misled, {})
    convolve.finish(gimp, dialog, "Cancel")


stage.window_manager()
stage.run([test_bars_follow_the_arguments,
           test_a_heat_map,
           test_what_is_no_classifier,
           test_the_keys])
