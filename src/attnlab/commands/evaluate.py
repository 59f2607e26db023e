"""`attnlab evaluate`: a trained run's test scores again, or on other data."""

import json

from attnlab.commands import arguments as arguments_of
from attnlab.reporting.terminal.text import score_text


def run(arguments: list[str]) -> int:
    """Score a checkpoint and print its test metrics; returns the exit status."""
    parser = arguments_of.parser("evaluate", "Score a trained run on its test split.")
    parser.add_argument("run", help="a run's folder or a checkpoint file")
    parser.add_argument(
        "overrides", nargs="*", metavar="KEY=VALUE", help="data.*, task.* or trainer.* values, or extractor=NAME"
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="print one JSON object: scores, num_examples, of_examples, warnings and signatures",
    )
    parser.add_argument("--trust", action="append", default=[], metavar="PACKAGE", help="your own code to import")
    options = parser.parse_intermixed_args(arguments)

    from attnlab.runs.evaluate import evaluate

    found = evaluate(options.run, options.overrides, trust=tuple(options.trust))
    scores = found.scores
    if options.json:
        said = {"of_examples": found.of_examples, "warnings": found.warnings, "signatures": found.signatures}
        print(json.dumps({**scores, **said}, ensure_ascii=False))
    else:
        width = max(12, *(len(name) + 1 for name in scores))
        for name, value in scores.items():
            print(f"test {name:<{width}}{score_text(value)}")
    return 0
