"""A verdict in English."""

from typing import Final

from attnlab.study.statistics.planning import Need
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.too_few import Lack
from attnlab.study.statistics.verdict import CLAIM, DEFAULT_RUNS, SMOKE_TEST, Finding, Verdict

LACKS: Final[dict[Lack, str]] = {
    "gold": "the test has {got:,} to be found, and {needed:,} are needed",
    "examples": "the test has {got:,} examples, and {needed:,} are needed",
    "undefined": "a run has no score, or none without one of the examples",
    "seeds": "an arm has {got:,} finished runs, and {needed:,} are needed",
    "variation": "no run differs from another, or from its control's of the same seed",
    "images": "scores are of {got:,} images, and {needed:,} are needed",
    "features": "scores are of {got:,} features, and {needed:,} are needed",
}
HELD_BACK: Final[dict[Finding, str]] = {
    "better": "Of the runs that finished {arm} is better, but more of its runs failed",
    "worse": "Of the runs that finished {arm} is worse, but more of {control}'s failed",
    "the same": "Of the runs that finished they are the same, but not as many of both failed",
}


def english(verdict: Verdict) -> str:
    """What must be known first (failed runs, uneven seeds), then the finding, then what would decide an open one."""
    first = [each for each in verdict.marks if each != "exploratory"]
    said = [*_before(verdict), _finding(verdict), *_after(verdict)]
    return (", ".join(first) + ": " if first else "") + " ".join(f"{each}." for each in said)


def english_of_this_test_set(verdict: Verdict) -> str | None:
    """The second line: what holds for new seeds on this very test set; none where there aren't runs enough."""
    if (effect := verdict.measured.this_test_set) is None:
        return None
    difference, low, high = numbers.difference(effect)
    p = numbers.probability(effect.p)
    return f"For new seeds on this very test set alone: {difference} (plain 95 % interval {low} to {high}, p {p})."


def english_of_power(verdict: Verdict) -> str | None:
    """What a study like this one could have told at all; none where it has no interval over seeds."""
    if verdict.smallest_difference is None:
        return None
    said = ""
    if verdict.finding != "undecided":  # which says so itself
        said = f"These runs could have seen {numbers.three_digits(verdict.smallest_difference)} or more. "
    margin = numbers.smallest_margin(verdict)
    if margin is not None:
        unmet = " The margin is smaller: the same can't be found." if margin.is_missed else ""
        said += f"A margin below {margin.text} can't be met.{unmet}"
    return said.strip() or None


def english_of_runs(fewest: int) -> str:
    """What so many runs are good for, of the arm that has the fewest."""
    runs = "1 run" if fewest == 1 else f"{fewest} runs"
    if fewest <= SMOKE_TEST:
        what = "a smoke test without" if fewest == SMOKE_TEST else "too few for"
        return (
            f"{runs} of an arm: {what} a verdict on it; {SMOKE_TEST + 1} are judged, {DEFAULT_RUNS} are the default, "
            f"{CLAIM} make a claim."
        )
    if fewest < DEFAULT_RUNS:
        return f"{runs} of an arm: judged, but fewer than the default of {DEFAULT_RUNS}; {CLAIM} make a claim."
    if fewest < CLAIM:
        return f"{runs} of an arm: judged; {CLAIM} make a claim."
    return f"{runs} of an arm: as many as a claim takes, or more."


def _before(verdict: Verdict) -> list[str]:
    comparison = verdict.comparison
    said = []
    for name, failures in zip((comparison.arm.name, comparison.control.name), verdict.measured.failures, strict=True):
        if failures.failed:
            low, high = (f"{100 * bound:.0f}" for bound in failures.interval)
            said.append(f"{failures.failed} of {failures.runs} runs of {name} failed (95 %: {low}-{high} %)")
    if (p := verdict.measured.p_failures) is not None and said:
        said[-1] += f", p {numbers.probability(p)} of failing equally often"
    if (varied := numbers.variation(verdict)) is not None:
        times = f"{varied.times} times as much as {varied.less}'s" if varied.times else f"and {varied.less}'s don't"
        said.append(f"{varied.more}'s seeds vary {times}")
    return said


def _finding(verdict: Verdict) -> str:
    comparison, measured = verdict.comparison, verdict.measured
    arm, control, metric = comparison.arm.name, comparison.control.name, comparison.metric
    if verdict.finding == "too few to judge" and (lacking := measured.too_few) is not None:
        lack = LACKS[lacking.lack].format(got=lacking.got, needed=lacking.needed)
        return f"{arm} and {control} have too few scores in {metric} to be judged: {lack}"
    difference = _difference(verdict)
    if measured.over == "examples":
        return f"No verdict, one run each: this pair of models of {arm} and {control} differs in {metric}{difference}"
    if verdict.finding == "no verdict":
        runs = "3 runs, a smoke test" if comparison.fewest_runs == SMOKE_TEST else f"{comparison.fewest_runs} runs"
        return f"No verdict from {runs}: {arm} and {control} differ in {metric}{difference}"
    if verdict.finding == "undecided":
        return f"Whether {arm} is better or worse than {control} in {metric} is undecided{difference}"
    if verdict.finding == "the same":
        within = numbers.three_digits(comparison.margin or 0)
        return f"{arm} is the same as {control} in {metric}, to within {within}{difference}"
    little = " by less than matters" if verdict.by_less_than_matters else ""
    return f"{arm} is {verdict.finding} than {control} in {metric}{little}{difference}"


def _difference(verdict: Verdict) -> str:
    effect = verdict.measured.effect
    if effect is None:
        scores = (verdict.measured.scores.arm, verdict.measured.scores.control)
        known = [numbers.three_digits(each) for each in scores if each is not None]
        return f" ({' for '.join(known)})" if len(known) == len(scores) else ""
    difference, low, high = numbers.difference(effect)
    p = verdict.p_same_holm if verdict.finding == "the same" else verdict.p_holm
    corrected = "Holm's p" if verdict.family > 1 else "p"
    tested = "" if p is None else f", {corrected} {numbers.probability(p)}"
    lower = "" if verdict.comparison.higher_is_better else ", lower is better"
    plain = "plain " if verdict.family > 1 else ""  # Holm has no intervals
    return f": {difference} ({plain}95 % interval {low} to {high}{tested}{lower})"


def _after(verdict: Verdict) -> list[str]:
    comparison = verdict.comparison
    said = []
    if verdict.held_back is not None:
        held = HELD_BACK[verdict.held_back]
        said.append(held.format(arm=comparison.arm.name, control=comparison.control.name))
    elif verdict.finding == "undecided":
        said += _needed(verdict)
    if verdict.measured.over == "seeds":
        said.append("This holds for this reference set")
    if comparison.paired and not verdict.measured.paired and verdict.measured.effect is not None:
        said.append("Seeds count as independent: pairing takes every run of 8 seeds or more")
    if "exploratory" in verdict.marks:
        said.append("Exploratory: not what a study was planned to tell")
    return said


def _needed(verdict: Verdict) -> list[str]:
    said = []
    if verdict.smallest_difference is not None:
        said.append(f"These runs could have seen {numbers.three_digits(verdict.smallest_difference)} or more")
    different, same = verdict.needed_for_a_difference, verdict.needed_for_the_same
    margin = numbers.three_digits(verdict.comparison.margin or 0)
    if different is not None:
        said.append(_need(different, f"To find a difference of {margin}"))
    if same is not None and (different is None or different.examples is None):
        said.append(_need(same, f"To find that there is less than {margin}"))
    return said


def _need(need: Need, purpose: str) -> str:
    if need.examples is not None:
        return f"{purpose} no number of seeds is enough: about {need.examples:,} examples are needed"
    return f"{purpose} a new study needs {numbers.seeds(need) or 'many more'} seeds an arm"
