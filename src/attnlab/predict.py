"""`attnlab predict`: a trained run on the user's own input, from its checkpoint alone."""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from attnlab import arguments as arguments_of
from attnlab.errors import UserError


def run(arguments: list[str]) -> int:
    """Predict and print, one line an input; returns the exit status."""
    parser = arguments_of.parser(
        "predict", "Use a trained run on text, on the lines of a file, or on stdin (with no input, or -)."
    )
    parser.add_argument("run", help="a run's folder or a checkpoint file")
    parser.add_argument("inputs", nargs="*", metavar="TEXT|FILE|-", help="texts, or files of one text a line")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line, with scores and alignment")
    parser.add_argument("--map", type=Path, metavar="PNG", help="draw what the first output attended to")
    parser.add_argument("--beam-size", type=int, default=None, help="1 is greedy; by default as in training's test")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--device", default="cpu", help="cpu, cuda, cuda:1, mps")
    parser.add_argument("--trust", action="append", default=[], metavar="PACKAGE", help="your own code to import")
    options = parser.parse_intermixed_args(arguments)
    for name, value in (("--beam-size", options.beam_size), ("--batch-size", options.batch_size)):
        if value is not None and value < 1:
            raise UserError(f"{name} must be 1 or more, got {value}")

    if options.map is not None and options.map.suffix != ".png":
        raise UserError(f"the map is a PNG picture, got {options.map} (set --map to a name that ends in .png)")
    texts = _texts(options.inputs)
    from tqdm import tqdm

    task = _load(options)
    first: Any = None
    quiet = len(texts) <= options.batch_size or not sys.stderr.isatty()
    predictions = task.predict_texts(texts, batch_size=options.batch_size)
    for prediction in tqdm(predictions, total=len(texts), desc="predicting", file=sys.stderr, disable=quiet):
        first = first or prediction
        if options.json:
            print(json.dumps({k: v for k, v in prediction.items() if k != "target"}, ensure_ascii=False), flush=True)
        else:
            print(prediction["output"], flush=True)
    if options.map is not None and first is not None:
        _draw(first, options.map)
    return 0


def _texts(inputs: list[str]) -> list[str]:
    texts: list[str] = []
    for each in inputs or ["-"]:
        if each == "-":
            texts += _lines(sys.stdin.buffer.read(), "stdin")
        elif _is_file(each):
            texts += _lines(Path(each).read_bytes(), each)
        elif re.fullmatch(r"\S+\.(txt|tsv|csv|jsonl?|gz)", each):
            raise UserError(f"no such file, got {each}")
        else:
            texts.append(each)
    for text in texts:
        if any("\ud800" <= character <= "\udfff" for character in text):
            raise UserError(f"the text isn't UTF-8, got {text!r}")
    if not any(text.strip() for text in texts):
        raise UserError("nothing to predict from: the input is empty")
    return texts


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a name, or with a NUL: a text, then
        return False


def _lines(data: bytes, name: str) -> list[str]:
    try:
        # Not splitlines(): it also breaks at characters that may stand within a line.
        lines = data.decode("utf-8-sig").split("\n")
        return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise UserError(f"{name} isn't UTF-8 text: byte {data[error.start]:#04x} in line {line}") from error


def _load(options: argparse.Namespace) -> Any:
    from attnlab import build, checkpoint

    _, task = build.restore(checkpoint.find(options.run), trust=tuple(options.trust))
    if not hasattr(task, "predict_texts"):
        raise UserError(f"the run at {options.run} doesn't take text")
    if options.beam_size is not None:
        task.beam_size = options.beam_size
    try:
        return task.to(options.device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"this device can't be used, got {options.device!r}: {reason} (set --device)") from error


def _draw(prediction: dict[str, Any], path: Path) -> None:
    import torch

    from attnlab.figures import attention_map, save

    details = prediction["details"]
    if "alignment" not in details:
        raise UserError("this model has no attention to draw (drop --map)")
    figure = attention_map(
        torch.tensor(details["alignment"]),
        source_tokens=details["source_tokens"],
        target_tokens=details["target_tokens"],
        title=prediction["output"],
    )
    try:
        save(figure, path)
    except OSError as error:
        raise UserError(f"can't write {path}: {error.strerror} (set --map)") from error
    print(f"wrote {path}", file=sys.stderr)
