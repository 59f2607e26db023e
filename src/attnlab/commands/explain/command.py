"""The command line of `attnlab explain`."""

import argparse
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from attnlab.commands import arguments as arguments_of
from attnlab.commands.explain import own_example
from attnlab.commands.explain.choosing import GROUPS, Choice, as_text, check_is_no_file, chosen, explainable, in_chinese
from attnlab.commands.explain.example import Example
from attnlab.commands.mistyped import PAGE_OF_A_RUN
from attnlab.errors import UserError, guess
from attnlab.files import say
from attnlab.language import Words, either, wanted
from attnlab.reading import keyboard
from attnlab.reading.shown import json_text, tell

if TYPE_CHECKING:
    from attnlab.attention import Role
    from attnlab.commands.explain.on_maps import MapExplanation
    from attnlab.commands.explain.worked import Explanation

ABOUT = Words(
    "Work an attention mechanism through, number by number, on two small examples or on your own; one on feature maps, "
    "on a small map. Without a name: what can be explained.",
    "在两个小例子或自己的例子上，把一个注意力机制逐个数字地算一遍；作用于特征图的机制用一张小图。不给名称时列出可以讲解的机制。",
)
OF_PICTURES = ("map", "maps", "figure", "figures", "picture", "pictures", "save")  # what others call --out
USAGE = "attnlab explain [NAME | attention=NAME | feature_attention=NAME] [GROUP.KEY=VALUE ...]"
NO_MAP = Words(
    "No map is drawn: it gives no key, channel or position one weight that such a map could show.",
    "没有画注意力图：它不是给每个键、通道或位置一个权重，画不成这样的图。",
)


class Explained(NamedTuple):
    """A mechanism's explanation in words, as an object, and the maps drawn of it."""

    text: str
    content: dict[str, Any]
    maps: list[Path]


def run(arguments: list[str]) -> int:
    """Print a mechanism worked through on examples, and draw its weights; 0 when done. Raises UserError."""
    options, overrides = _parse(arguments)
    arguments_of.check_config_dirs(options.config_dir)
    choice = chosen(overrides, options.config_dir) if overrides else None
    if choice is not None and choice.group == "feature_attention":
        _check_no_example(choice, options)
    examples = own_example.examples(options)
    if choice is None and options.keys is None:
        _check_nothing_to_explain(options)
        groups = explainable(options.config_dir, "en" if options.json else wanted())
        if options.json:
            print(json_text(groups))
        else:
            say([as_text(groups, wanted())])
        return 0
    choice = choice or chosen([], options.config_dir)
    folder = options.out or Path("outputs/explain") / choice.name
    if options.out is not None:
        _check_free(choice, folder, num=len(examples))
    earlier = {path: path.read_bytes() for path in folder.glob("explain_[12].png") if path.is_file()}
    if choice.group == "feature_attention":
        explained = _on_maps(choice, folder)
    else:
        explained = _on_examples(choice, examples, folder, role=options.role)
    if options.json:
        content = explained.content | {"maps": [str(path) for path in explained.maps]}
        print(json_text(_in_english(content)))
    else:
        drawn = either("Map: ", "注意力图：")
        maps = [f"{drawn}{path}" for path in explained.maps]
        say([explained.text, *(maps or [NO_MAP.said(wanted())])])
    _tell_of_earlier(earlier, explained.maps)
    return 0


def _tell_of_earlier(earlier: Mapping[Path, bytes], maps: Sequence[Path]) -> None:
    """Which maps of another example were there: those written over, and those that still lie beside the new ones."""
    over = [str(path) for path, content in earlier.items() if path in maps and path.read_bytes() != content]
    beside = [str(path) for path in earlier if path not in maps]
    if over:
        listed = ", ".join(sorted(over))
        tell(
            either(
                f"wrote over the earlier {listed} (set --out to keep such)",
                f"已覆盖先前的 {listed}（要保留请用 --out）",
            )
        )
    if beside:
        listed = ", ".join(sorted(beside))
        tell(either(f"{listed} is of an earlier example", f"{listed} 属于先前的例子"))


def _check_no_example(choice: Choice, options: argparse.Namespace) -> None:
    for option in (*own_example.PARTS, "role"):
        if vars(options)[option.replace("-", "_")] is not None:
            raise UserError(
                f"an example of your own, or a role, is for attention=NAME, got --{option} with "
                f"{choice.group}={choice.name} (drop it)"
            )


def _check_free(choice: Choice, folder: Path, *, num: int) -> None:
    """Before maps are drawn into a folder where those of another mechanism may lie by the same names."""
    from attnlab.reporting.figures.ownership import check_free

    mechanism = f"{choice.group}={choice.name}"
    for number in range(1, num + 1):
        check_free(folder / f"explain_{number}.png", of=mechanism, remedy="set --out to another folder")


def _check_nothing_to_explain(options: argparse.Namespace) -> None:
    for option in ("role", "out"):
        if (value := vars(options)[option]) is not None:
            raise UserError(f"--{option} is for a mechanism, got --{option} {value} without one (give its name)")


def _on_examples(choice: Choice, examples: Sequence[Example], folder: Path, *, role: "Role | None") -> Explained:
    config = choice.load()  # before anything heavy: a name that isn't known is answered at once

    from attnlab.commands.explain.making import builder, one_line_for
    from attnlab.commands.explain.text import render
    from attnlab.commands.explain.worked import ROLES, explain

    with one_line_for(config, choice.group):
        explanation = explain(choice.name, builder(config), examples, roles=(role,) if role else ROLES)
    said = in_chinese("attention", choice.name, choice.config_dirs)
    text = render(explanation, language=wanted(), said=said)
    return Explained(text, asdict(explanation), _draw(explanation, folder))


def _on_maps(choice: Choice, folder: Path) -> Explained:
    inner = choice.load_around()
    config = choice.load()

    from attnlab.commands.explain.making import map_factory, one_line_for
    from attnlab.commands.explain.on_maps import draw_on_maps, explain_on_maps, render_on_maps

    with one_line_for(config, choice.group):
        factory, around = map_factory(config, choice, inner=inner)
        explanation: MapExplanation = explain_on_maps(choice.name, factory, around=around)
    said = in_chinese("feature_attention", choice.name, choice.config_dirs)
    text = render_on_maps(explanation, language=wanted(), said=said)
    return Explained(text, asdict(explanation), draw_on_maps(explanation, folder))


def _in_english(content: Any) -> Any:
    """What is said in two languages, in one."""
    if isinstance(content, Words):
        return content.en
    if isinstance(content, dict):
        return {key: _in_english(value) for key, value in content.items()}
    if isinstance(content, (list, tuple)):
        return [_in_english(value) for value in content]
    return content


def _parse(arguments: Sequence[str]) -> tuple[argparse.Namespace, list[str]]:
    """The options, and what is to be explained: a name, or Hydra overrides of both groups."""
    parser = _parser()
    options, rest = parser.parse_known_args(_with_negative_numbers(arguments))
    for word in rest:
        if word.startswith("-"):
            _refuse_option(parser, word)
        if word.isidentifier():
            continue  # a name by itself
        check_is_no_file(word)
        if not any(word.startswith(f"{each}=") or word.lstrip("+~").startswith(f"{each}.") for each in GROUPS):
            raise UserError(
                "only attention=NAME and attention.KEY=VALUE, or feature_attention likewise, can be set here, "
                f"got {word!r}{_meant(word) or ' (drop it)'}"
            )
    return options, rest


def _meant(word: str) -> str:
    """What to write of a word with another keyboard's signs, or nothing."""
    plain = keyboard.plain(keyboard.unquoted(keyboard.unended(word)))
    written = re.sub(r"[:=]+", "=", plain, count=1)
    return f" (write {written})" if written != word and re.fullmatch(r"[\w.]+(=\S+)?", written) else ""


def _refuse_option(parser: arguments_of.Parser, word: str) -> NoReturn:
    name = word.partition("=")[0]
    if name.lstrip("-") in OF_PICTURES:
        raise arguments_of.mistake(f"no such option of {parser.prog}, got {name}{guess(['--out'])}", prog=parser.prog)
    key, equals, value = word.lstrip("-").partition("=")
    if key in GROUPS:
        shown = f"{key}={value if equals else 'NAME'}"
        raise arguments_of.mistake(
            f"no such option of {parser.prog}, got {name}: values have no dashes (write {shown})", prog=parser.prog
        )
    parser.error(f"unrecognized arguments: {word}")


def _parser() -> arguments_of.Parser:
    usage = f"{USAGE} [{either('options', '选项')}]"
    parser = arguments_of.parser("explain", ABOUT.said(wanted()), usage=usage, allow_abbrev=False)
    parser.of_pages = f"maps are drawn as PNG files, in the folder of --out, and {PAGE_OF_A_RUN} (drop it)"
    own_example.add_options(parser)
    helped = either(
        "folder of the maps (default: outputs/explain/NAME)", "注意力图所在的目录（默认：outputs/explain/NAME）"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, help=helped)
    helped = either(
        "where it stands: a query asks the keys, or the keys each other, all or only earlier ones (default: the first "
        "of these that it serves)",
        "它用在哪里：一个查询问各个键，或各个键互相问，问全部或只问更早的（默认：其中它支持的第一个）",
    )
    parser.add_argument("--role", choices=("cross", "self", "causal"), help=helped)
    arguments_of.add_config_dir(parser, kind=Path)
    arguments_of.add_json(parser)
    return parser


def _with_negative_numbers(arguments: Sequence[str]) -> list[str]:
    """Join `--query -1,2` into `--query=-1,2`, which argparse would take for an option."""
    joined: list[str] = []
    for word in arguments:
        if (
            joined
            and joined[-1] in ("--query", "--keys", "--values")
            and word[:1] == "-"
            and word[1:2] in "0123456789."
        ):
            joined[-1] += f"={word}"
        else:
            joined.append(word)
    return joined


def _draw(explanation: "Explanation", folder: Path) -> list[Path]:
    """A map of each example that was worked: explain_1.png, explain_2.png."""
    from attnlab.commands.explain.text import caption, heading
    from attnlab.reporting.figures import save
    from attnlab.reporting.figures.draw import draw
    from attnlab.reporting.look import Look
    from attnlab.reporting.pictures import AttentionPicture

    mechanism = f"attention={explanation.name}"
    paths, look = [], Look(caption=caption(mechanism, learned=explanation.learned), of=mechanism)
    for number, worked in enumerate(explanation.examples, start=1):
        if worked.queries:
            picture = AttentionPicture(
                name=f"explain_{number}",
                title=heading(number, worked).said(wanted()),
                weights=worked.weights(),
                query_labels=[query.label for query in worked.queries],
                key_labels=worked.example.labels,
                query_name="query",
                key_name="key",
            )
            paths.append(save(draw(picture, look), folder / f"{picture.name}.png", of=look.of))
    return paths
