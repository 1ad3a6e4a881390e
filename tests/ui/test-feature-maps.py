# test-feature-maps.py: the dialog of Feature Maps…, driven by AT-SPI: layers by name and by ticks, and what comes out.
# SPDX-License-Identifier: GPL-3.0-or-later
import convolve
import stage

SCRIPT = convolve.SCRIPT.replace("plug-in-convnet-convolve", "plug-in-convnet-feature-maps")


def start(name):
    return convolve.start(name, None, SCRIPT, "Feature Maps")


def expect_label(dialog, text):
    stage.wait_for("“%s”" % text, lambda: stage.pyatspi.findDescendant(
        dialog, lambda node: node.getRoleName() == "label" and text in node.name))


def show_network(dialog):
    stage.widget(dialog, "page tab", "Network").parent.querySelection().selectChild(1)


def cells(dialog):
    """The texts of the table, row by row."""
    table = stage.widget(dialog, "table", "Layers").queryTable()
    return [[table.getAccessibleAt(row, column) for column in range(table.nColumns)]
            for row in range(table.nRows)]


def tick(cell):
    """Toggles a cell's box; what else can be done with a cell comes before it."""
    action = cell.queryAction()
    names = [action.getName(index) for index in range(action.nActions)]
    action.doAction(names.index("toggle"))


def test_maps_become_a_group():
    gimp, dialog, path = start("maps.png")
    expect_label(dialog, "Feature maps of a small copy: 24")
    convolve.shot("feature-maps.png")
    stage.set_text(dialog, "Layers", "conv3")
    expect_label(dialog, "Feature maps of a small copy: 48")
    stage.number(dialog, "Strongest").currentValue = 3
    expect_label(dialog, "Feature maps of a small copy: 3")
    convolve.finish(gimp, dialog)
    # Maps of a picture without colours, in the image of 60 × 40: gray, and not the picture.
    stage.expect("gray", len(set(map(lambda x: stage.pixel(path, x, 20), (5, 29, 55)))) > 1, True)


def test_layers_are_ticked():
    gimp, dialog, _path = start("ticked.png")
    show_network(dialog)
    rows = stage.wait_for("the layers", lambda: cells(dialog))
    names = [[cell.name for cell in row] for row in rows]
    conv2 = [index for index, row in enumerate(names) if "conv2" in row][0]
    tick(rows[conv2][0])
    stage.wait_for("the name in the entry", lambda: stage.text(dialog, "Layers") == "conv2")
    convolve.shot("feature-maps-network.png")
    tick(cells(dialog)[conv2][0])
    stage.wait_for("no name in the entry", lambda: stage.text(dialog, "Layers") == "")
    convolve.finish(gimp, dialog, "Cancel")


def test_what_is_wrong_is_explained():
    gimp, dialog, _path = start("wrong.png")
    stage.set_text(dialog, "Layers", "nobody")
    expect_label(dialog, "no layer “nobody”")
    stage.wait_for("OK to be off", lambda: not convolve.is_ready(dialog))
    stage.set_text(dialog, "Layers", "conv1")
    stage.set_text(dialog, "Channels", "30")
    expect_label(dialog, "There is no channel 30")
    convolve.shot("feature-maps-wrong.png")
    stage.set_text(dialog, "Channels", "3-5")
    stage.wait_for("OK to be on", lambda: convolve.is_ready(dialog))
    convolve.finish(gimp, dialog, "Cancel")


stage.window_manager()
stage.run([test_maps_become_a_group,
           test_layers_are_ticked,
           test_what_is_wrong_is_explained])
