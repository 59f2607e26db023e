"""`attnlab evaluate`: a trained run's test scores again, or on other data."""

import argparse
from typing import TYPE_CHECKING

from attnlab.commands import arguments as arguments_of
from attnlab.commands.diagnosis_lines import diagnosis_lines
from attnlab.commands.train.named_runs import with_named_runs
from attnlab.files import say
from attnlab.language import either
from attnlab.reading.shown import json_text
from attnlab.reporting.glossary import BASELINES, score_in_chinese, set_off
from attnlab.reporting.terminal.text import display_width, pad, score_text
from attnlab.runs.evaluated_values import check_changes

if TYPE_CHECKING:
    from attnlab.runs.evaluate import Evaluation


def run(arguments: list[str]) -> int:
    """Score a checkpoint and print its test metrics; returns the exit status."""
    options = _parser().parse_intermixed_args(arguments)
    options.run = arguments_of.run_named(options.run)
    options.overrides = with_named_runs(options.overrides)
    check_changes(options.overrides, options.run)
    arguments_of.tell_what_is_given_twice(options.overrides)

    from attnlab.runs.evaluate import evaluate

    found = evaluate(
        options.run,
        options.overrides,
        trust=tuple(options.trust),
        ablate=options.ablate,
        diagnose=options.diagnose,
    )
    if options.json:
        said = {"of_examples": found.of_examples, "warnings": found.warnings, "signatures": found.signatures}
        ablated = {} if found.ablated is None else {"ablated": found.ablated}
        diagnosis = {} if found.diagnosis is None else {"diagnosis": found.diagnosis.plain()}
        print(json_text({**found.scores, **said, **ablated, **diagnosis}))
    else:
        _show(found)
        if found.diagnosis is not None:
            say(diagnosis_lines(found.diagnosis))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = arguments_of.parser(
        "evaluate", either("Score a trained run on its test split.", "在测试集上给训练好的运行评分。")
    )
    arguments_of.add_run(parser)
    helped = either(
        "data.*, task.* or trainer.* values, or extractor=NAME", "data.*、task.* 或 trainer.* 的值，或 extractor=NAME"
    )
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help=helped)
    helped = either(
        "print one JSON object: scores, num_examples, of_examples, warnings, signatures, with --ablate ablated, "
        "with --diagnose diagnosis",
        "打印一个 JSON 对象：各项分数、num_examples、of_examples、warnings、signatures；有 --ablate 时加 ablated，"
        "有 --diagnose 时加 diagnosis",
    )
    parser.add_argument("--json", action="store_true", help=helped)
    helped = either("test once more, with the weights of attention spread evenly", "消融：把注意力改为均匀，再测一次")
    parser.add_argument("--ablate", action="store_true", help=helped)
    helped = either(
        "look at attention: how spread, how alike the heads, how faithful its maps (diagnostics.json in the run)",
        "查看注意力：有多分散，各头有多相似，注意力图有多可信（运行中的 diagnostics.json）",
    )
    parser.add_argument("--diagnose", action="store_true", help=helped)
    arguments_of.add_trust(parser)
    return parser


def _show(found: "Evaluation") -> None:
    ablated = {name: score for name, score in (found.ablated or {}).items() if not name.startswith(BASELINES)}
    named = {name: either(f"test {name}", score_in_chinese(f"test/{name}")) for name in found.scores}
    width = max(17, *(display_width(each) + 1 for each in named.values()))
    lines = []
    for name, value in found.scores.items():
        beside = ""
        if name in ablated:
            without = score_text(ablated[name])
            beside = either(f"   {without} ablated", f"   消融后 {without}")
        lines.append(f"{pad(named[name], width)}{score_text(value)}{beside}")
    name = found.monitored
    if name in ablated and name in found.scores:
        before, after = found.scores[name], ablated[name]
        chinese = set_off(score_in_chinese(name)).lstrip()
        then, now, moved = score_text(before), score_text(after), f"{after - before:+.3g}"
        if after == before:
            english, said = f"{name} stays {now}", f"{chinese}仍为 {now}"
        else:
            english, said = f"{name} is {now} and not {then} ({moved})", f"{chinese}为 {now} 而不是 {then}（{moved}）"
        lines.append(
            either(
                f"ablated: {english} where every learned weight of attention is its query's or image's mean",
                f"消融：学到的每个权重改为其查询或图像的均值之后，{said}",
            )
        )
    say(lines)
