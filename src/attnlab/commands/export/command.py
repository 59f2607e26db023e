"""`attnlab export`: a trained model as a file for other programs, checked against the model."""

import argparse
from importlib.util import find_spec
from pathlib import Path

from attnlab.commands import arguments as arguments_of
from attnlab.errors import UserError
from attnlab.files import is_stream, say, write_whole, writing
from attnlab.language import Words, either, wanted
from attnlab.reading.shown import tell
from attnlab.reporting.reasons import warning_in_chinese
from attnlab.reporting.typed_files import ONNX, TORCH_GRAPH, check_typed

ABOUT = Words(
    "Write a trained model's pass as a graph: ids to logits, pixels to logits, latents to images. Batch and lengths "
    "may vary. The file is checked against the model at several sizes before it is kept.",
    "把训练好的模型的前向计算写成计算图：从编号到 logits，从像素到 logits，从隐变量到图像。批次和长度可变。"
    "文件以几种大小与模型核对过才会保留。",
)
ENDINGS = {"--onnx": ".onnx", "--torch-export": ".pt2"}
_INPUT, _OUTPUT = Words("input ", "输入"), Words("output", "输出")
NEEDED = ("onnx", "onnxscript", "onnxruntime")


def run(arguments: list[str]) -> int:
    """Export, check and say what was written; returns the exit status.

    Raises:
        UserError: there is no such run or graph, or the file can't be written.
    """
    options = _options(arguments)
    options.run = arguments_of.run_named(options.run)
    if options.onnx is not None and (missing := [name for name in NEEDED if find_spec(name) is None]):
        raise UserError(
            f"an ONNX file needs packages that aren't installed, got no {', '.join(missing)} "
            "(run: pip install -e '.[export]' in attnlab's checkout, or use --torch-export)"
        )
    out: Path = options.onnx or options.torch_export
    option, graph = ("--onnx", ONNX) if options.onnx is not None else ("--torch-export", TORCH_GRAPH)
    check_typed(out, graph, option=option)

    if find_spec("torch.export._patches") is None:
        raise UserError("a graph of any length needs a later torch (pip install --upgrade torch)")
    from attnlab.commands.export import programs
    from attnlab.commands.export.forms import form_of
    from attnlab.runs import build, checkpoint, own_code

    path = checkpoint.find(options.run)
    if (said := own_code.changed(path.absolute().parent.parent)) is not None:
        tell(
            either(
                f"this model may not be that of the run: {said}",
                f"这个模型可能不是该运行的：{warning_in_chinese('code_changed', said)}",
            )
        )
    _, predictor = build.restore_predictor(path, trust=tuple(options.trust))
    form = form_of(predictor)
    make, read = (programs.as_torch, programs.torch_graph)
    if options.onnx is not None:
        make, read = (programs.as_onnx, programs.onnx_graph)
    content, difference, tried = programs.exported(form, make, read)
    with writing(out, remedy=f"set {option}"):
        write_whole(out, content)
    say(f"{_INPUT.said(wanted())} {name} ({', '.join(map(str, dims))})" for name, dims in form.inputs.items())
    say(f"{_OUTPUT.said(wanted())} {name}" for name in form.outputs)
    if longest := ", ".join(f"{axis} {size}" for axis, size in form.most.items() if axis != "batch"):
        say(
            [
                either(
                    f"checked up to {longest}; what is longer the file may run, but it isn't what the model gives",
                    f"核对到 {longest} 为止；更长的输入，文件也许能运行，但结果不是模型给出的",
                )
            ]
        )
    say(
        [
            either(
                f"checked at {len(tried)} sizes: {difference:.1e} apart at most",
                f"以 {len(tried)} 种大小核对过：最多相差 {difference:.1e}",
            ),
            either(f"wrote {out}", f"已写出 {out}"),
        ]
    )
    return 0


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = arguments_of.parser("export", ABOUT.said(wanted()))
    arguments_of.add_run(parser)
    kind = parser.add_mutually_exclusive_group(required=True)
    helped = either(
        "an ONNX file, .onnx; onnxruntime checks it, then one that attnlab wrote before is written over",
        "ONNX 文件（.onnx）；由 onnxruntime 核对后写出，attnlab 先前写出的同名文件会被覆盖",
    )
    kind.add_argument("--onnx", type=Path, metavar="FILE", help=helped)
    helped = either("likewise, a file that torch.export.load reads, .pt2", "同上，torch.export.load 可读的文件（.pt2）")
    kind.add_argument("--torch-export", type=Path, metavar="FILE", help=helped)
    arguments_of.add_trust(parser)
    options = parser.parse_args(arguments)
    for option, path in (("--onnx", options.onnx), ("--torch-export", options.torch_export)):
        if path is not None and not path.is_dir() and not is_stream(path):
            _check_ending(option, path)
    return options


def _check_ending(option: str, path: Path) -> None:
    """Raise UserError for a name that says another kind of file than is written."""
    if path.suffix.lower() == ENDINGS[option]:
        return
    other = next((each for each, ending in ENDINGS.items() if path.suffix.lower() == ending), None)
    meant = f" or {other} {path}" if other else ""
    raise UserError(
        f"{option} writes a file that ends in {ENDINGS[option]}, got {path} (set {option} "
        f"{path.with_suffix(ENDINGS[option])}{meant})"
    )
