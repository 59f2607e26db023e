"""`attnlab predict`: a trained run on the user's own input, from its checkpoint alone."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attnlab.commands import arguments as arguments_of
from attnlab.commands import map_options
from attnlab.commands.predict import continuing, generation, images
from attnlab.commands.predict.unfinished import how_far, is_unfinished
from attnlab.errors import UserError
from attnlab.files import PREDICTED, check_reachable
from attnlab.language import either, wanted
from attnlab.reading.shown import tell
from attnlab.reporting.reasons import warning_in_chinese
from attnlab.reporting.typed_files import MAP, PAGE, check_typed
from attnlab.runs.device import check_device, move

if TYPE_CHECKING:
    from attnlab.models.predictors import Predictor
    from attnlab.reporting.pages.report.contents import Text

BATCH = 32  # inputs, or images to generate


def run(arguments: list[str]) -> int:
    """Predict and print, one line an input; returns the exit status."""
    options = _parser().parse_intermixed_args(arguments)
    for name, value in (("--beam-size", options.beam_size), ("--batch-size", options.batch_size)):
        if value is not None and value < 1:
            raise UserError(f"{name} must be 1 or more, got {value} (set {name})")
    if options.score_threshold is not None and not 0 <= options.score_threshold <= 1:
        raise UserError(
            f"--score-threshold must lie from 0 to 1, got {options.score_threshold} (set --score-threshold)"
        )
    _check_map(options)
    _check_places(options)
    check_device(options.device)
    options.run = arguments_of.run_named(options.run)
    from attnlab.commands.predict import texts  # what brings torch, once the arguments are found to be right
    from attnlab.models.predictors import TAKEN_BY, ImageGenerator, ImagePredictor, TextContinuer, TextPredictor
    from attnlab.runs import checkpoint

    config, predictor = _restored(options)
    wishes = map_options.asked(options, of_texts_alone=True)
    if wishes and not isinstance(predictor, TextPredictor):
        raise UserError(f"{wishes[0]} is of maps of texts, and the run at {options.run} reads none (drop {wishes[0]})")
    look = None
    if options.map is not None or options.out is not None or isinstance(predictor, ImageGenerator):
        of = checkpoint.run_of(checkpoint.find(options.run))
        look = map_options.look_of(options, caption=_caption(options.run, config, predictor), of=of)
    if (asked := continuing.asked(options)) and not isinstance(predictor, TextContinuer):
        raise UserError(f"the run at {options.run} doesn't go on with texts, got {asked[0]} (drop it)")
    if isinstance(predictor, ImageGenerator):
        return generation.run(predictor, options, look)
    copies = continuing.settle(predictor, options) if isinstance(predictor, TextContinuer) else 1
    if asked := generation.asked(options):
        name = asked[0].partition(" ")[0]
        raise UserError(
            f"the run at {options.run} generates no images, got {asked[0]}, which is for runs that "
            f"{TAKEN_BY[name.lstrip('-')]} (drop {name})"
        )
    if isinstance(predictor, ImagePredictor) and options.encoding is not None:
        raise UserError(f"the run at {options.run} takes images, got --encoding {options.encoding} (drop --encoding)")
    if isinstance(predictor, ImagePredictor):
        return images.run(predictor, options, look)
    assert isinstance(predictor, TextPredictor)
    _check_encoding(options.encoding)
    facts = [] if options.html is None else _facts(options.run, config, predictor)
    return texts.run(predictor, options, config.get("data", {}), look, copies=copies, facts=facts)


def _parser() -> argparse.ArgumentParser:
    about = either(
        "Use a trained run on text, on the lines of a file, on stdin (with no input, or -), or on images; or have it "
        "generate images, or go on with texts, if that is what it does.",
        "把训练好的运行用于文本、文件的各行、标准输入（没有输入或写 - 时）或图像；它若生成图像或续写文本，"
        "就让它生成或续写。",
    )
    parser = arguments_of.parser("predict", about)
    arguments_of.add_run(parser)
    _add_inputs(parser)
    _add_outputs(parser)
    _add_computing(parser)
    arguments_of.add_trust(parser)
    generation.add_options(parser)
    continuing.add_options(parser)
    map_options.add_options(parser)
    return parser


def _add_inputs(parser: argparse.ArgumentParser) -> None:
    """What is predicted, and how it is read."""
    helped = either(
        "texts, or files of one text a line (or of words in columns, for a run that labels words); or image files, and "
        "folders or zip archives of such (boxes are in pixels of the upright picture, turned as its EXIF data says)",
        "文本，或每行一段文本的文件（给词加标签的运行也读按列写词的文件）；或图像文件，以及其目录或 zip 压缩包（框"
        "以按 EXIF 数据转正后的图像的像素计）",
    )
    parser.add_argument("inputs", nargs="*", metavar="TEXT|FILE|FOLDER|-", help=helped)
    helped = either("read each file, or stdin, as one text", "把每个文件或标准输入读作一段文本")
    parser.add_argument("--whole-file", action="store_true", help=helped)
    helped = either("take every input as the text itself, never as a file", "输入一律当作文本本身，不当作文件")
    parser.add_argument("--text", action="store_true", help=helped)
    helped = either(
        "of files and stdin, such as gb18030; else UTF-8, or as the run's own data",
        "文件和标准输入的编码，如 gb18030；不给时为 UTF-8，或与该运行自己的数据相同",
    )
    parser.add_argument("--encoding", metavar="NAME", help=helped)
    helped = either("texts are words with spaces between them: split there", "文本是以空格隔开的词：在空格处切分")
    parser.add_argument("--words", action="store_true", help=helped)


def _add_outputs(parser: argparse.ArgumentParser) -> None:
    """What is printed, drawn and written."""
    helped = either("print one JSON object a line, with scores and details", "每行打印一个 JSON 对象，含分数和细节")
    parser.add_argument("--json", action="store_true", help=helped)
    helped = either(
        "draw what the first output attended to, as .png, .pdf or .svg",
        "画出第一个输出注意了哪里，格式为 .png、.pdf 或 .svg",
    )
    parser.add_argument("--map", type=Path, metavar="FILE", help=helped)
    helped = either("write a page of the entities and the attention", "写一个显示实体和注意力的网页")
    parser.add_argument("--html", type=Path, metavar="FILE", help=helped)
    helped = either(
        "write images with their labels and maps, or generated ones (which go to ./generated without this), into a "
        "folder, over those of the same name and run",
        "把图像连同其标签和注意力图，或生成的图像（不给时在 ./generated），写进一个目录，覆盖这次运行的同名文件",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help=helped)


def _add_computing(parser: argparse.ArgumentParser) -> None:
    """How it is computed."""
    helped = either(
        "candidates that the search keeps at each step: 1 is greedy; by default as in training's test",
        "搜索每一步的候选数：1 为贪心；默认同训练后的测试",
    )
    parser.add_argument("--beam-size", type=int, metavar="N", help=helped)
    helped = either(
        "least score of an object that is found, from 0 to 1; by default as in training (task.score_threshold)",
        "检出的目标的最低分数，0 到 1；默认同训练时（task.score_threshold）",
    )
    parser.add_argument("--score-threshold", type=float, metavar="SCORE", help=helped)
    helped = either(f"how many are computed at a time ({BATCH})", f"一次计算多少个（{BATCH}）")
    parser.add_argument("--batch-size", type=int, default=BATCH, metavar="N", help=helped)
    helped = either("what computes: cpu, cuda, cuda:1, mps (cpu)", "用什么计算：cpu、cuda、cuda:1、mps（cpu）")
    parser.add_argument("--device", default="cpu", metavar="NAME", help=helped)


def _check_map(options: argparse.Namespace) -> None:
    """Raise UserError for a file that no map can be, or wishes without one."""
    if options.map is not None:
        map_options.check_ending(options.map, option="--map")
    wishes = map_options.asked(options)
    if wishes and options.map is None and options.out is None:
        raise UserError(f"{wishes[0]} is of a picture, and none is drawn, got no --map (set --map FILE)")
    if wishes:  # those that can't be are said before anything is read
        map_options.look_of(options, caption="")


def _check_places(options: argparse.Namespace) -> None:
    """Raise UserError for a file or a folder that can't, or shouldn't, be written, before anything is read."""
    if options.map is not None:
        check_typed(options.map, MAP, option="--map")
    if options.html is not None:
        check_typed(options.html, PAGE, option="--html")
    if options.out is not None:
        check_reachable(options.out / PREDICTED, remedy="set --out")


def _check_encoding(name: str | None) -> None:
    from attnlab.data.files.encodings import checked_encoding

    try:
        checked_encoding("utf-8" if name is None else name)
    except ValueError as error:
        raise UserError(
            f"--encoding must be one that Python knows, such as gb18030 or cp1252, got {name} (set --encoding)"
        ) from error


def _caption(run: str, config: "dict[str, Any]", predictor: "Predictor") -> str:
    """Which run the pictures are of; a lone checkpoint is of the run that wrote it."""
    from attnlab.models.layers.slots import slots_of
    from attnlab.reporting.look import run_caption

    return run_caption(str(config.get("name", "")), _folder(run, config).resolve(), slots_of(predictor.model))


def _facts(run: str, config: "dict[str, Any]", predictor: "Predictor") -> "list[tuple[Text, Text]]":
    """What a page says of the run."""
    from attnlab.models.layers.slots import slots_of
    from attnlab.reporting.pages.entity_page import of_run

    name, model = str(config.get("name", "")), predictor.model
    return of_run(name, str(_folder(run, config)), type(model).__name__, slots_of(model))


def _folder(run: str, config: "dict[str, Any]") -> Path:
    return Path(run) if Path(run).is_dir() else Path(str(config.get("output_dir", run)))


def _restored(options: argparse.Namespace) -> "tuple[dict[str, Any], Predictor]":
    """What the run was configured as, and its model on the device, ready to answer."""
    from attnlab.models.predictors import BeamSearcher, EntityFinder, MapsWhatIsFound
    from attnlab.runs import build, checkpoint, own_code

    path = checkpoint.find(options.run)
    if (said := own_code.changed(path.absolute().parent.parent)) is not None:
        tell(
            either(
                f"these answers may not be those of the run: {said}",
                f"这些回答可能不是该运行的：{warning_in_chinese('code_changed', said)}",
            )
        )
    config, predictor = build.restore_predictor(path, trust=tuple(options.trust))
    if is_unfinished(path):
        tell(how_far(path, config, step=checkpoint.load(path).get("global_step")).said(wanted()))
    if options.html is not None and not isinstance(predictor, EntityFinder):
        raise UserError(
            f"--html shows the entities that a ner run finds, got another task's run at {options.run} (drop --html)"
        )
    if options.beam_size is not None:
        if not isinstance(predictor, BeamSearcher):
            raise UserError(
                f"the run at {options.run} searches no beams, got --beam-size {options.beam_size} (drop --beam-size)"
            )
        predictor.beam_size = options.beam_size
    if options.score_threshold is not None:
        if not isinstance(predictor, MapsWhatIsFound):
            raise UserError(f"the run at {options.run} finds no objects, got --score-threshold (drop it)")
        predictor.score_threshold = options.score_threshold
    move(predictor.modules, options.device)
    return config, predictor
