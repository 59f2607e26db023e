"""A study's pages in English."""

from collections.abc import Sequence
from typing import Any, Final

from attnlab.language import Words
from attnlab.reporting.glossary import score_in_english
from attnlab.reporting.reasons import in_english
from attnlab.study.arms import Difference, Kind, value_text
from attnlab.study.matching import Matched
from attnlab.study.statistics import (
    english,
    english_in_brief,
    english_of_components,
    english_of_examples,
    english_of_power,
    english_of_runs,
    english_of_this_test_set,
    english_reasons,
)
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import Finding, Verdict
from attnlab.study.wording import judging_english
from attnlab.study.wording.contract import Heads, Question, Row, Titles

TITLES: Final = Titles(
    verdicts="Verdicts",
    known="What must be known",
    pairs="Arms against each other",
    costs="What each arm costs",
    tuning="Tuning",
    ablations="Without learned attention",
    others="Other scores",
    receipts="Receipts",
)
HEADS: Final = Heads(
    against="against",
    costs=(
        "arm",
        "parameters",
        "trainable",
        "in attention",
        "FLOPs forward",
        "FLOPs training",
        "elementwise",
        "bytes of state",
        "bytes a token written",
        "bytes a token read",
        "slots",
    ),
    tuning=("arm", "trials", "failed", "best trial", "its score", "its values", "updates of all", "seconds of all"),
    differences=("arm", "key", "control's", "arm's", "kind"),
    ablations=("arm", "ablated", "difference", "sd", "runs", "not tested"),
    others="score",
    receipts=("arm", "seed", "config"),
)
CONTROL: Final = "the control"
NOT_RECORDED: Final = "not recorded"
RECEIPTS: Final = {
    "results": "number of the results (a change of what runs compute raises it)",
    "commit": "commit of the code",
    "lock": "checksum of the lock file",
    "data": "checksum of the data",
}

verdict = english
in_brief = english_in_brief
reasons = english_reasons
of_this_test_set = english_of_this_test_set
of_examples = english_of_examples
of_power = english_of_power
of_runs = english_of_runs
of_components = english_of_components
score = score_in_english

correlation = judging_english.correlation
judged = judging_english.judged
tuned = judging_english.tuned
still_improving = judging_english.still_improving
warned = judging_english.warned
sizes = judging_english.sizes
reference = judging_english.reference
one_example = judging_english.one_example
at_best = judging_english.at_best
clusters = judging_english.clusters
earlier = judging_english.earlier
without_bias = judging_english.without_bias


def said(words: Words) -> str:
    return words.en


def heads(metric: str, *, margin: float | None) -> Row:
    apart = "" if margin is None else f"p if {numbers.three_digits(margin)} apart"
    return Row(
        "arm",
        "verdict",
        "difference",
        "95 % interval",
        "p if no difference",
        apart,
        score_in_english(metric),
        "sd of runs",
        "runs",
    )


def num_runs(finished: int, failed: int) -> str:
    return f"{finished + failed}, {failed} failed" if failed else str(finished)


def interval(low: str, high: str) -> str:
    return f"{low} to {high}"


def cell(verdict: Verdict) -> str:
    return ", ".join([*verdict.marks, "no run differs" if verdict.none_differs else verdict.finding])


def told(name: str, said: Words, *, control: bool = False) -> str:
    known = score_in_english(name)
    named = name if known == name else f"{known} ({name})"
    return f"{named}{', the control' if control else ''}: {said.en.rstrip('.')}."


def pairs(control: str, *, num: int, best: int | None, folder: str | None) -> str:
    which = "Every pair" if best is None else f"Every pair of the {best} arms with the best means"
    how = "" if folder is None else f" `attnlab compare {folder} --control ARM` compares all with ARM, any one of them."
    holm = f" p values are corrected for these {num} pairs (Holm)." if num > 1 else ""
    return f"{which}, the control aside. Exploratory: what was asked is how arms differ from {control}.{holm}{how}"


def confounded(arm: str, *, control: str, keys: Sequence[str], more: int) -> str:
    shown = ", ".join(keys) + (f" and {more} more" if more else "")
    return f"{arm} is confounded: it differs from {control} in more than its attention ({shown})."


def matched(arm: str, found: Matched, *, flops: bool) -> str:
    far = ", more than 2 %" if found.far else ""
    what = "FLOPs" if flops else "parameters"
    return f"{arm} has {found.cost:,} {what} for {found.target:,}, {found.gap:+.2%}{far} ({found.key}={found.value})."


def unmatched(arm: str, why: str) -> str:
    return f"{arm} isn't matched: {why}."


def failed(arm: str, *, seed: int, status: str, error: str | None) -> str:
    return f"{arm} with seed {seed} {status}" + ("." if error is None else f": {error}.")


def tried_again(arm: str, *, seed: int, before: str) -> str:
    return f"{arm} with seed {seed} was tried again by --retry, which had {before}."


def looks(planned: Sequence[tuple[int, float]], *, last: int) -> str:
    said = ", ".join(f"{seeds} at alpha {alpha:g}" for seeds, alpha in planned)
    return f"Looks were planned at seeds {said}; the last taken was at {last}."


def earlier_look(arm: str, *, seeds: int, finding: Finding) -> str:
    return f"At {seeds} seeds {arm} was {finding}."


def seeds_added(looked_at: int) -> str:
    return f"Seeds were added after a look at {looked_at}, which wasn't planned: what is found is exploratory."


def asked_otherwise(key: str, before: Any) -> str:
    return (
        f"These runs were judged with {key} {value_text(before)} before, and by another value since: what is found is "
        "exploratory."
    )


def ledger(costs: Sequence[tuple[str, int, int | None]]) -> str:
    said = ", ".join(
        f"{name} {parameters:,}" + ("" if flops is None else f" and {flops:,}") for name, parameters, flops in costs
    )
    return f"Parameters and FLOPs of a forward pass: {said}."


def tuning_cost(runs: int, updates: int, seconds: float) -> str:
    return f"Tuning took {runs:,} runs, {updates:,} updates and {seconds:,.0f} s besides."


def asked(arms: int, question: Question, *, control: str, seeds: Sequence[int]) -> str:
    metric, better = score_in_english(question.metric), "greater" if question.higher_is_better else "smaller"
    margin = (
        ""
        if question.margin is None
        else f"; a difference below {numbers.three_digits(question.margin)} is too small to matter"
    )
    return (
        f"{arms} arms (models that differ in what is studied), compared by the test's {metric} ({better} is "
        f"better) with the control {control}"
        f"{margin}; seeds {', '.join(map(str, seeds))}."
    )


def other_language() -> str:
    return "[中文](report.zh.md)"


def differences_from(control: str) -> str:
    return f"Settings that differ from {control}'s"


def kind(kind: Kind) -> str:
    return kind


def values(difference: Difference) -> Sequence[str]:
    return [value_text(each) for each in (difference.control, difference.arm)]


def forest() -> str:
    return "Differences from the control, with 95 % intervals that aren't corrected for their number"


def reason(why: str) -> str:
    return in_english(why)


def status(status: str) -> str:
    return status


def counted_on(example: str) -> str:
    return f"Of {example}, in evaluation; training counts the backward pass as twice the forward."


def left_out(arm: str, why: str) -> str:
    return f"Control arm {arm} is left out: {why}."


def arm_name(name: str, *, confounded: bool, added: bool) -> str:
    return name + (" (confounded)" if confounded else "") + (" (added)" if added else "")


def tuning(trials: int, *, monitor: str, higher_is_better: bool, seed: int) -> str:
    better = "greater" if higher_is_better else "smaller"
    return (
        f"Every arm had the same {trials:,} draws, each a run with seed {seed} that was never tested, and has those "
        f"values whose {monitor} was the best ({better} is better). A trial that failed is one of them."
    )


def lacking(arm: str, keys: Sequence[str]) -> str:
    return f"{arm} has no {', '.join(keys)} to tune."


def expected_best() -> str:
    return "Expected best of validation by the number of trials spent"


def ablated(*, seeds: Sequence[int], single: bool, learning_nothing: Sequence[str]) -> str:
    of = f" of seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}" if seeds else ""
    said = f"Runs{of}, tested again with all learned weights of attention even: means over them, of the differences "
    said += "with their sd."
    if single:
        said = f"One run of each arm,{of}, tested again with all learned weights of attention even: no means."
    if not learning_nothing:
        return said
    whose = "its attention learns" if len(learning_nothing) == 1 else "their attention learns"
    return f"{said} Left out: {', '.join(learning_nothing)}, for {whose} nothing that could be taken away."


def each_ablation() -> str:
    return "Each run: [ablations.csv](ablations.csv)."


def exploratory() -> str:
    return "Exploratory: the study asked nothing of them. Means, with the number of runs."


def receipt(what: str) -> str:
    return RECEIPTS.get(what, what)


def verify(study: str) -> str:
    return f"A row is had again, in its first updates, by `attnlab study {study} --verify ARM/SEED`."


def files() -> str:
    return (
        "All scores: [results.csv](results.csv). Times: [costs.csv](costs.csv). Without learned attention: "
        "[ablations.csv](ablations.csv). More: [receipts.json](receipts.json)."
    )
