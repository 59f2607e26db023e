"""A model's pass as a graph, by torch.export or as ONNX, held against the model at several sizes."""

import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from types import MethodType
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.export import Dim, ExportedProgram
from torch.fx.experimental import _config

from attnlab.attention.core import Core, Sides, with_side
from attnlab.attention.past import keys_kept
from attnlab.attention.places import Places, with_places
from attnlab.commands.export.forms import Form, Sizes
from attnlab.commands.export.recurrence import as_loops, in_onnx, whole
from attnlab.errors import UserError, causes, one_line
from attnlab.reporting.typed_files import PRODUCER

# How far a graph may be from the model, of numbers of the order of one: other kernels add in another order.
ABSOLUTE, RELATIVE = 1e-4, 1e-3
TRACED = {
    "batch": 3,
    "source_length": 11,
    "target_length": 7,
    "words": 11,
    "length": 11,
    "letters": 5,
}  # 0 and 1 torch would fix
TRIED = ((1, 1), (2, 5), (5, 13))  # sizes of the batch and of lengths; and the longest

Graph = Callable[[Sequence[Tensor]], Sequence[Tensor]]
Recurrence = Callable[[nn.Module], AbstractContextManager[None]]


class Exported(NamedTuple):
    """A file's content, and how far it is from the model at sizes that were tried."""

    content: bytes
    difference: float
    tried: list[Sizes]


def exported(form: Form, make: Callable[[Form], bytes], read: Callable[[bytes, Form], Graph]) -> Exported:
    """What `make` makes of a form, once what it computes, by `read`, is what the model does.

    A mechanism whose kernel goes by the very length is made by its definition instead.

    Raises:
        UserError: no graph does that.
    """
    try:
        return _exported(form, make(form), read)
    except UserError:
        with _by_definition(form.network):
            content = make(form)
        return _exported(form, content, read)


def _exported(form: Form, content: bytes, read: Callable[[bytes, Form], Graph]) -> Exported:
    return Exported(content, *greatest_difference(read(content, form), form))


def _traced(form: Form, recurrence: Recurrence) -> ExportedProgram:
    """The graph of a form, in which all its axes vary; `recurrence` says what recurrent nets become."""
    try:
        return _graph(form, recurrence)
    except Exception as error:  # of a kernel that no graph can hold torch raises almost anything
        raise UserError(
            f"this model has no graph for any length, got {type(error).__name__}: {_shortened(error)} (train with "
            "another attention or model)"
        ) from error


def _graph(form: Form, recurrence: Recurrence) -> ExportedProgram:
    sizes = {axis: min(TRACED[axis], most) for axis, most in form.most.items()}
    axes = {axis: Dim(axis, min=2, max=most) for axis, most in form.most.items() if sizes[axis] > 1}
    dynamic = tuple(
        {place: axes[each] for place, each in enumerate(dims) if each in axes} for dims in form.inputs.values()
    )
    with (
        torch.no_grad(),
        recurrence(form.network),
        _config.patch(backed_size_oblivious=True),  # type: ignore[attr-defined]  # made as it is imported
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        return torch.export.export(form.network, form.examples(sizes, _draw()), dynamic_shapes=dynamic, strict=False)


@contextmanager
def _by_definition(network: nn.Module) -> Iterator[None]:
    """Every core computes what it attends to by its weights, not by a kernel of its own."""
    cores = [each for each in network.modules() if isinstance(each, Core)]
    with ExitStack() as stack:
        for core in cores:
            stack.enter_context(keys_kept(cast(nn.Module, core)))
            core.__dict__["forward"] = MethodType(_defined, core)  # in the class's place, for a while
        try:
            yield
        finally:
            for core in cores:
                del core.__dict__["forward"]


def _defined(
    core: Core,
    q: Tensor,
    k: Tensor,
    v: Tensor,
    *,
    key_mask: Any = None,
    bias: Any = None,
    side: Sides | None = None,
    places: Places | None = None,
) -> Tensor:
    told = with_side(side) | with_places(places)
    return core.combine(core.weights(q, k, key_mask=key_mask, bias=bias, **told), v, **with_side(side))


def as_onnx(form: Form) -> bytes:
    """The graph as an ONNX file.

    Raises:
        UserError: there is none, or it has an operation that ONNX has no like of.
    """
    program = _traced(form, whole)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = torch.onnx.export(
                program,
                (),
                dynamo=True,
                verbose=False,
                input_names=list(form.inputs),
                output_names=list(form.outputs),
                external_data=False,
                custom_translation_table=in_onnx(),
            )
            assert made is not None
            return _with_named_axes(made.model_proto, form)
    except Exception as error:
        raise UserError(
            f"this model has a graph, but ONNX hasn't all its operations: {_lacking(error)} (use --torch-export)"
        ) from error


def _lacking(error: Exception) -> str:
    """The operation that an exporter's error is about, which the innermost of its causes names; else what that says."""
    *_, innermost = causes(error)
    named = re.search(r"op='([\w.]+)'", str(innermost))
    return f"it lacks {named[1]}" if named else _shortened(innermost)


def _with_named_axes(model: Any, form: Form) -> bytes:
    """An ONNX model whose axes are called as the form's are, in the place of torch's s38."""
    names: dict[str, str] = {}
    for given in model.graph.input:
        for place, axis in zip(given.type.tensor_type.shape.dim, form.inputs[given.name], strict=True):
            if place.dim_param:
                names[place.dim_param] = str(axis)
    for each in (*model.graph.input, *model.graph.output, *model.graph.value_info):
        for place in each.type.tensor_type.shape.dim:
            if place.dim_param:
                place.dim_param = re.sub(r"\w+", lambda word: names.get(word[0], word[0]), place.dim_param)
    model.producer_name = PRODUCER  # by which a file is known that may be written over
    content: bytes = model.SerializeToString()
    return content


def as_torch(form: Form) -> bytes:
    """The graph as a file that `torch.export.load` reads; UserError if there is none."""
    file = io.BytesIO()
    torch.export.save(_traced(form, as_loops), file, extra_files={PRODUCER: ""})
    return file.getvalue()


def onnx_graph(content: bytes, form: Form) -> Graph:
    """What onnxruntime makes of an ONNX file, on the CPU."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # what can't be run is raised, too
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])

    def run(inputs: Sequence[Tensor]) -> list[Tensor]:
        given = {name: each.numpy() for name, each in zip(form.inputs, inputs, strict=True)}
        return [torch.from_numpy(each) for each in session.run(list(form.outputs), given)]

    return run


def torch_graph(content: bytes, form: Form) -> Graph:
    """What torch makes of a file of `as_torch`."""
    module = torch.export.load(io.BytesIO(content)).module(check_guards=False)

    def run(inputs: Sequence[Tensor]) -> list[Tensor]:
        with torch.no_grad():
            return _listed(module(*inputs))

    return run


def greatest_difference(graph: Graph, form: Form) -> tuple[float, list[Sizes]]:
    """How far a graph is from the model, at sizes from the least to the greatest, which it gives, too.

    Raises:
        UserError: too far, or it doesn't run at some size.
    """
    greatest, tried = 0.0, list(_tried(form.most))
    for sizes in tried:
        inputs = form.examples(sizes, _draw())
        said = ", ".join(f"{axis} {size}" for axis, size in sizes.items())
        with torch.no_grad():
            expected = _listed(form.network(*inputs))
        try:
            found = [each.detach() for each in graph(inputs)]
        except Exception as error:
            raise UserError(
                f"the graph must run at every size, got {_shortened(error)} at {said} (train with another attention or "
                "model)"
            ) from error
        for name, ours, theirs in zip(form.outputs, expected, found, strict=True):
            apart = (ours - theirs).abs()
            if ours.shape != theirs.shape or not bool((apart <= ABSOLUTE + RELATIVE * ours.abs()).all()):
                raise UserError(
                    f"the graph must compute what the model does, got {name} {float(apart.max()):.2g} apart at {said} "
                    "(train with another attention or model)"
                )
            greatest = max(greatest, float(apart.max()))
    return greatest, tried


def _tried(most: Sizes) -> Iterator[Sizes]:
    for batch, length in TRIED:
        yield {axis: batch if axis == "batch" else min(length, greatest) for axis, greatest in most.items()}
    if most.keys() > {"batch"}:
        yield {axis: 2 if axis == "batch" else greatest for axis, greatest in most.items()}


def _listed(output: Any) -> list[Tensor]:
    return [output] if isinstance(output, Tensor) else list(output)


def _draw() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def _shortened(error: BaseException) -> str:
    said = one_line(error)
    return said if len(said) <= 200 else said[:200] + " ..."
