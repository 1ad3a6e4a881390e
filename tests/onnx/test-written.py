# test-written.py: what our writer writes passes onnx.checker, and onnxruntime computes the same with it.
# SPDX-License-Identifier: GPL-3.0-or-later
#
#     test-written.py ONNX-REWRITE ONNX-CONFORMANCE MODELS CASES
#
# MODELS: the folder of the networks that we ship. CASES: that of libonnx-testdata; some may lack.
import glob
import os
import subprocess
import sys
import tempfile

import tap

try:
    import numpy
    import onnx
    import onnx.checker
    import onnx.numpy_helper
    import onnxruntime
except ImportError as lack:
    print(f'1..0 # SKIP {lack}: the packages python3-onnx and python3-onnxruntime have it')
    sys.exit(0)

REWRITE, CONFORMANCE, MODELS, CASES = sys.argv[1:5]
# Element types that the engine has, so that what is written has the types of what was read.
OURS = {onnx.TensorProto.FLOAT, onnx.TensorProto.INT64, onnx.TensorProto.INT32, onnx.TensorProto.BOOL}
TYPES = {'tensor(float)': numpy.float32, 'tensor(int64)': numpy.int64, 'tensor(int32)': numpy.int32,
         'tensor(bool)': numpy.bool_}
# Sizes that a network leaves open, where a case does not give an input.
BATCH, SIZE = 2, 40
# The same operators on the same numbers, but onnxruntime may fold constants and join nodes in
# another way: then sums round differently, by far less than this.
RELATIVE, ABSOLUTE = 1e-5, 1e-6
# Of each folder of cases every so many; more would only take longer. Of light/, what is quick.
STEPS = {'pytorch-converted': 5, 'pytorch-operator': 4, 'simple': 4, 'node': 40}
# Graphs in attributes, one with values of no declared type; and sequences.
CONTROL = ('test_if', 'test_loop11', 'test_range_float_type_positive_delta_expanded', 'test_if_seq',
           'test_split_to_sequence_1', 'test_split_to_sequence_nokeepdims')
LIGHT = ('resnet50', 'shufflenet', 'squeezenet')
results = tap.Tap()


def report(name, problem, skip=''):
    results.check(name, not problem, problem, skip)


def first_line(error):
    return (str(error).splitlines() or [type(error).__name__])[0]


def rewrite(source, target, *cut):
    """What the program complains of, or nothing."""
    result = subprocess.run([REWRITE, source, target, *cut], capture_output=True, text=True, check=False)
    return result.stderr.strip() or (f'status {result.returncode}' if result.returncode else '')


def problem_of_form(path):
    try:
        onnx.checker.check_model(path, full_check=True)
    except Exception as error:  # the checker has several kinds
        return f'{type(error).__name__}: {first_line(error)}'
    return ''


def graphs_of(graph):
    """A graph and those in its nodes' attributes."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField('g'):
                yield from graphs_of(attribute.g)


def is_ours(model):
    """Whether all types that the file names are the engine's."""
    types = set()
    for graph in graphs_of(model.graph):
        types |= {tensor.data_type for tensor in graph.initializer}
        types |= {attribute.t.data_type for node in graph.node for attribute in node.attribute
                  if attribute.HasField('t')}
        for value in [*graph.input, *graph.output, *graph.value_info]:
            type_ = value.type
            if type_.WhichOneof('value') == 'sequence_type':
                type_ = type_.sequence_type.elem_type
            if type_.WhichOneof('value') not in (None, 'tensor_type'):
                return False
            types.add(type_.tensor_type.elem_type or onnx.TensorProto.FLOAT)
    return types <= OURS


def session_of(model):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    data = model if isinstance(model, str) else model.SerializeToString()
    return onnxruntime.InferenceSession(data, options, providers=['CPUExecutionProvider'])


def run(session, inputs):
    """The outputs; of a sequence each array."""
    wanted = {value.name for value in session.get_inputs()}
    outputs = session.run(None, {name: array for name, array in inputs.items() if name in wanted})
    return [array for output in outputs for array in (output if isinstance(output, list) else [output])]


def inputs_for(path, session):
    """Those of the case beside the file, or random ones."""
    files = sorted(glob.glob(os.path.join(os.path.dirname(path), 'test_data_set_0', 'input_*.pb')))
    inputs = {}
    random = numpy.random.default_rng(1)
    for i, value in enumerate(session.get_inputs()):
        given = [file for file in files if file.endswith(f'input_{i}.pb')]
        if given:
            inputs[value.name] = onnx.numpy_helper.to_array(onnx.load_tensor(given[0]))
            continue
        shape = [size if isinstance(size, int) else BATCH if axis == 0 else SIZE
                 for axis, size in enumerate(value.shape)]
        inputs[value.name] = random.uniform(-1, 1, shape).astype(TYPES[value.type])
    return inputs


def difference(got, expected):
    if len(got) != len(expected):
        return f'{len(got)} outputs instead of {len(expected)}'
    for i, (a, b) in enumerate(zip(got, expected)):
        if a.dtype != b.dtype or a.shape != b.shape:
            return f'output {i}: {a.dtype} of {a.shape} instead of {b.dtype} of {b.shape}'
        if a.dtype == numpy.float32:
            finite = numpy.abs(b[numpy.isfinite(b)])
            allowed = RELATIVE * finite.max(initial=0) + ABSOLUTE
            good = numpy.isclose(a, b, rtol=0, atol=allowed, equal_nan=True)
        else:
            good = a == b
        if not good.all():
            return f'output {i}: {a[~good].flat[0]} instead of {b[~good].flat[0]}'
    return ''


def problem_of_whole(path, folder):
    """What is wrong with the network when it is written again; and why it was not tried."""
    model = onnx.load(path)
    target = os.path.join(folder, 'written.onnx')
    if not is_ours(model):
        return '', 'it has types that the engine turns into others'
    if problem_of_form(path):
        return '', 'onnx.checker refuses the file as it was'
    complaint = rewrite(path, target)
    if complaint:
        return '', complaint
    problem = problem_of_form(target)
    if problem:
        return problem, None
    try:
        session = session_of(path)
        inputs = inputs_for(path, session)
        expected = run(session, inputs)
    except Exception as error:  # onnxruntime lacks an operator
        return '', f'onnxruntime does not run the file as it was: {first_line(error)}'
    try:
        return difference(run(session_of(target), inputs), expected), None
    except Exception as error:
        return f'onnxruntime: {first_line(error)}', None


def write_case(folder, inputs, outputs):
    """A case of the backend tests beside the network there."""
    data = os.path.join(folder, 'test_data_set_0')
    os.makedirs(data, exist_ok=True)
    for kind, arrays in (('input', inputs), ('output', outputs)):
        for i, array in enumerate(arrays):
            with open(os.path.join(data, f'{kind}_{i}.pb'), 'wb') as file:
                file.write(onnx.numpy_helper.from_array(array).SerializeToString())


def problem_of_part(target, inputs, expected):
    """What is wrong with a part, in onnxruntime and in the engine."""
    problem = problem_of_form(target)
    if problem:
        return problem
    try:
        session = session_of(target)
        problem = difference(run(session, inputs), expected)
    except Exception as error:
        problem = f'onnxruntime: {first_line(error)}'
    if problem:
        return problem
    write_case(os.path.dirname(target), [inputs[value.name] for value in session.get_inputs()], expected)
    result = subprocess.run([CONFORMANCE, os.path.dirname(target)], capture_output=True, text=True, check=False)
    return '' if result.returncode == 0 and ' 1 passed' in ' ' + result.stdout.replace('\n', ' ') \
        else f'the engine: {result.stdout}'


def places_of(model):
    """Values to cut at: those made in the middle first."""
    nodes = model.graph.node
    order = sorted(range(len(nodes)), key=lambda i: abs(i - len(nodes) // 2))
    return [nodes[i].output[0] for i in order if nodes[i].output[0] not in
            {value.name for value in model.graph.output}]


def check_parts(name, path, folder):
    """Cuts the network in two at a value that all of the rest comes from; and asks for a feature map."""
    model = onnx.load(path)
    first, second = (os.path.join(folder, half, 'model.onnx') for half in ('first', 'second'))
    for half in (first, second):
        os.makedirs(os.path.dirname(half), exist_ok=True)
    for place in places_of(model)[:20]:
        if rewrite(path, second, place, '') == '':
            break
    else:
        report(f'{name}, cut in two', '', 'no value is all that the rest needs')
        return
    complaint = rewrite(path, first, '', place)
    if complaint:
        report(f'{name}, before {place}', complaint)
        return
    both = onnx.ModelProto()
    both.CopyFrom(model)
    both.graph.output.append(onnx.ValueInfoProto(name=place))
    session = session_of(both)
    inputs = inputs_for(path, session)
    *outputs, middle = run(session, inputs)
    report(f'{name}, before {place}', problem_of_part(first, inputs, [middle]))
    report(f'{name}, after {place}', problem_of_part(second, {place: middle}, outputs))


def cases(folder):
    return sorted(glob.glob(os.path.join(CASES, folder, '**', '*.onnx'), recursive=True))


def main():
    shipped = sorted(glob.glob(os.path.join(MODELS, '*.onnx')))
    light = [path for path in cases('light') if path.endswith(tuple(name + '.onnx' for name in LIGHT))]
    control = [path for path in cases('node') if os.path.basename(os.path.dirname(path)) in CONTROL]
    whole = [*shipped, *light, *control, *(path for folder, step in STEPS.items() for path in cases(folder)[::step])]
    with tempfile.TemporaryDirectory() as folder:
        for path in whole:
            problem, skip = problem_of_whole(path, folder)
            report(os.path.relpath(path, CASES if path.startswith(CASES) else MODELS), problem, skip)
        for path in [*shipped, *light]:
            check_parts(os.path.basename(path), path, folder)
        # A wrong number, and a wrong type, are found.
        one = numpy.ones((2, 2), numpy.float32)
        report('reported: another number', not difference([one + numpy.float32(1e-4)], [one]) and 'no')
        report('reported: another type', not difference([one.astype(numpy.int64)], [one]) and 'no')
    results.finish()


main()
