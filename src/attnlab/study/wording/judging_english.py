"""How a study's arms were judged, in English."""

from collections.abc import Sequence
from typing import Final

from attnlab.reporting.glossary import score_in_english
from attnlab.reporting.numbers import column
from attnlab.reporting.terminal.text import score_text
from attnlab.study.ceiling import AtBest
from attnlab.study.one_example import OneExample
from attnlab.study.run_warnings import MOST_MESSAGES, Message, Warned
from attnlab.study.sizes import Apart
from attnlab.study.statistics.sentences import numbers
from attnlab.study.still_improving import StillImproving

REFERENCES: Final = {
    "lead": "LEAD, the beginning of each document as it stands,",
    "commonest_label": "Each word's commonest label in training, without a model,",
}


def correlation(value: float, *, paired: bool) -> str:
    how = "paired" if paired else "taken as independent all the same"
    return f"Over shared seeds the two arms' scores correlate by {value:+.2f}; seeds are {how}."


def judged(alpha: float, *, control: str, margin: float | None, family: int) -> str:
    same = "The same: never, for no margin was given."
    if margin is not None:
        matters = numbers.three_digits(margin)
        same = f"The same: p if {matters} apart is below alpha, and smaller differences don't matter."
    corrected = f" p values are corrected for {family} comparisons (Holm), intervals aren't." if family > 1 else ""
    return (
        f"Judged against {control}. A p says how often runs would come out as far as these, or farther, from what it "
        f"supposes, if that were so; below alpha, {alpha:g}, it is taken not to be so. Better or worse: p if no "
        f"difference is below alpha. {same} A p isn't how likely that is: one near 1 only says that the runs don't "
        f"speak against it.{corrected} sd of runs: how far an arm's scores are apart from run to run."
    )


def tuned(trials: int) -> str:
    if not trials:
        return "No arm was tuned: each has the values that its file gives it, which may suit some arms better."
    many = "1 trial" if trials == 1 else f"{trials:,} trials"
    return f"Every arm, the control too, was tuned by {many}, on validation alone."


def still_improving(found: StillImproving) -> str:
    halfway, end = column([found.most.halfway, found.most.end])
    first, last = found.most.steps
    return (
        f"Training ended while validation still improved ({found.monitor}, {found.improving} of {found.arms} arms; "
        f"{found.most.arm} went from {halfway} at update {first:,} to {end} at {last:,}): scores are those of models "
        f"that aren't trained to the end, and longer training may change them and the arms' order{_but(found)}."
    )


def _but(found: StillImproving) -> str:
    """Scores that can't get better won't."""
    return f" ({', '.join(found.at_best)} aside: a better score than theirs there isn't)" if found.at_best else ""


def at_best(found: AtBest) -> str:
    many, bound = len(found.arms) > 1, "maximum" if found.is_maximum else "minimum"
    names = f"{', '.join(found.arms[:-1])} and {found.arms[-1]}" if many else found.arms[0]
    told = "rank them, and differences from them" if many else "tell how good it is, and differences from it"
    return (
        f"{names} {'reach' if many else 'reaches'} {score_in_english(found.metric)}'s {bound} of {found.best:g} in all "
        f"runs: the test is too easy to {told} can't be larger than that lets them be."
    )


def warned(found: Warned) -> str:
    first, *others = found.messages
    said = first.said
    if others:
        said = "; ".join(f"{each.said} ({_whose(each)})" for each in found.messages[:MOST_MESSAGES])
    if (more := len(found.messages) - MOST_MESSAGES) > 0:
        said += f"; and so on, with {more} other{'s' if more > 1 else ''}"
    if found.runs == found.of:
        return f"All {found.of} runs were warned: {said}."
    return f"Of {found.of} runs {found.runs} ({', '.join(found.arms)}) were warned: {said}."


def _whose(message: Message) -> str:
    return f"{', '.join(message.arms)}{f', {message.runs} runs' if message.runs > 1 else ''}"


def sizes(found: Sequence[Apart], *, control: str) -> str:
    shown = "; ".join(f"{each.arm} {', '.join(_gaps(each))}" for each in found)
    return (
        f"Not of {control}'s size, by more than 2 %: {shown}. What a mechanism has of its own is a fact of the arm, "
        "not confounding."
    )


def _gaps(apart: Apart) -> list[str]:
    gaps = (("parameters", apart.parameters), ("FLOPs", apart.flops))
    return [f"{gap:+.1%} {name}".replace("%", " %") for name, gap in gaps if gap is not None]


def reference(kind: str, metric: str, score: float) -> str:
    return f"{REFERENCES[kind]} has {score_in_english(metric)} {score_text(score)} on the same test."


def one_example(found: OneExample) -> str:
    arms = [(each.arm, *column([each.without, each.difference])) for each in found.arms]
    without = ", ".join(f"{name}'s is {alone} and not {whole}" for name, alone, whole in arms)
    return (
        f"Of {found.of} {found.unit or 'example'}s of test one, {found.name}, has most of what differences from the "
        f"control vary by: without it {without}."
    )


def clusters(unit: str) -> str:
    return f"Examples of one {unit} depend on each other: in intervals and p values they count as one."


def earlier(num: int) -> str:
    runs = "1 run is" if num == 1 else f"{num} runs are"
    return f"{runs} of before there were records by example: judged by predictions."


def without_bias(metric: str, reported: Sequence[tuple[str, str]]) -> str:
    shown = ", ".join(f"{arm} {mean}" for arm, mean in reported)
    return (
        f"{score_in_english(metric)} is compared without the bias of its number of samples (jackknifed over 10 blocks "
        f"of them). As runs report it, with that bias, the means are: {shown}."
    )
