"""A verdict in English."""

from typing import Final

from attnlab.reporting.glossary import score_in_english
from attnlab.study.statistics.planning import Need
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.too_few import Lack
from attnlab.study.statistics.verdict import CLAIM, DEFAULT_RUNS, SMOKE_TEST, Finding, Verdict

LACKS: Final[dict[Lack, str]] = {
    "gold": "the test has {got:,} to be found, and {needed:,} are needed",
    "examples": "the test has {got:,} {examples}, and {needed:,} are needed",
    "undefined": "a run has no score, or none without one of the examples",
    "seeds": "an arm has {got:,} finished runs, and {needed:,} are needed",
    "variation": "no run of an arm differs from another of it, or from the other arm's of the same seed",
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
    said = [*_failed(verdict), *_varied(verdict), _finding(verdict), *_after(verdict)]
    if "exploratory" in verdict.marks:
        said.append("Exploratory: not what a study was planned to tell")
    return _joined(verdict, said)


def english_in_brief(verdict: Verdict) -> str:
    """Failed runs and uneven seeds first, then the arm, by how much, and the verdict."""
    varied = _varied(verdict) if "uneven" in verdict.marks else []
    return _joined(verdict, [*_failed(verdict), *varied, _brief(verdict)])


def english_reasons(verdict: Verdict) -> list[str]:
    """What else the whole sentence says of the runs and of what would decide it."""
    varied = [] if "uneven" in verdict.marks else _varied(verdict)
    return [f"{each}." for each in [*varied, *_after(verdict)]]


def _joined(verdict: Verdict, said: list[str]) -> str:
    first = [each for each in verdict.marks if each != "exploratory"]
    return (", ".join(first) + ": " if first else "") + " ".join(f"{each}." for each in said)


def _brief(verdict: Verdict) -> str:
    effect, comparison = verdict.measured.effect, verdict.comparison
    if effect is None:
        return _finding(verdict)
    arm, control = comparison.arm.name, comparison.control.name
    metric = score_in_english(comparison.metric)
    difference, low, high = numbers.difference(effect)
    lower = "" if comparison.higher_is_better else "; lower is better"
    shown = f"{difference} (95 % interval {low} to {high}{lower})"
    if verdict.finding in ("better", "worse"):
        little = ", by less than matters" if verdict.by_less_than_matters else ""
        return f"{arm} is {verdict.finding} than {control} in {metric}: {shown}{little}"
    if verdict.finding == "the same":
        within = numbers.three_digits(comparison.margin or 0)
        return f"{arm} is the same as {control} in {metric}, to within {within}: {shown}"
    return f"{arm} against {control} in {metric}: {shown}, {verdict.finding}"


def english_of_this_test_set(verdict: Verdict) -> str | None:
    """The second line: what holds for new seeds on this very test set; none where there aren't runs enough."""
    if (effect := verdict.measured.this_test_set) is None:
        return None
    difference, low, high = numbers.difference(effect)
    p = numbers.probability(effect.p)
    return f"For new seeds on this very test set alone: {difference} (95 % interval {low} to {high}, p {p})."


def english_of_examples(verdict: Verdict) -> str | None:
    """Where the interval is that of seeds alone."""
    if not verdict.measured.by_seeds_alone:
        return None
    return "The choice of test examples adds nothing measurable to the interval: it is as wide as seeds alone make it."


def english_of_components(verdict: Verdict) -> str | None:
    """What scores vary by, as standard deviations; none of scores that know no examples."""
    if (found := numbers.components(verdict)) is None:
        return None
    arm, control = verdict.comparison.arm.name, verdict.comparison.control.name
    return (
        f"What scores vary by, taken apart (each as an sd): the seed alone, {found.seeds[0]} for {arm} and "
        f"{found.seeds[1]} for {control}; the choice of examples, {found.examples} in the difference; chance on single "
        f"examples, {found.residuals[0]} and {found.residuals[1]}. The sd of runs holds the first and some of the last."
    )


def english_of_power(verdict: Verdict) -> str | None:
    """What a study like this one could have told at all; none where it has no interval over seeds."""
    if verdict.smallest_difference is None:
        return None
    said = ""
    if verdict.finding != "undecided":  # which says so itself
        said = f"{_smallest(verdict.smallest_difference)}. "
    margin = numbers.smallest_margin(verdict)
    if margin is not None:
        unmet = ", and the margin is smaller" if margin.is_missed else ""
        said += f"Two arms as scattered as these can be found the same to within {margin.text}, not closer{unmet}."
    return said.strip() or None


def _smallest(difference: float) -> str:
    return f"A study like this one finds a true difference of {numbers.two_digits(difference)} in 80 % of cases"


def english_of_runs(fewest: int) -> str:
    """What so many runs are good for, of the arm that has the fewest."""
    runs = "1 run" if fewest == 1 else f"{fewest} runs"
    if fewest <= SMOKE_TEST:
        what = "a smoke test without" if fewest == SMOKE_TEST else "too few for"
        return (
            f"{runs} of an arm: {what} a verdict on it; a verdict takes {SMOKE_TEST + 1}, {DEFAULT_RUNS} are usual, "
            f"take {CLAIM} before you publish it."
        )
    if fewest < DEFAULT_RUNS:
        return (
            f"{runs} of an arm: enough for a verdict, but fewer than the usual {DEFAULT_RUNS}; take {CLAIM} before you "
            "publish it."
        )
    if fewest < CLAIM:
        return f"{runs} of an arm: enough for a verdict; take {CLAIM} before you publish it."
    return f"{runs} of an arm: enough for a verdict to be published."


def _failed(verdict: Verdict) -> list[str]:
    comparison = verdict.comparison
    said = []
    for name, failures in zip((comparison.arm.name, comparison.control.name), verdict.measured.failures, strict=True):
        if failures.failed:
            low, high = (f"{100 * bound:.0f}" for bound in failures.interval)
            said.append(f"{failures.failed} of {failures.runs} runs of {name} failed (95 %: {low}-{high} %)")
    if (p := verdict.measured.p_failures) is not None and said:
        said[-1] += f", p {numbers.probability(p)} of failing equally often"
    return said


def _varied(verdict: Verdict) -> list[str]:
    if (varied := numbers.variation(verdict)) is None:
        return []
    times = f"{varied.times} times as much as {varied.less}'s" if varied.times else f"and {varied.less}'s don't"
    metric, best = score_in_english(verdict.comparison.metric), varied.best
    ceiling = "" if best is None else f" (all have the best {metric} there is, {best:g})"
    return [f"{varied.more}'s runs vary {times}{ceiling}"]


def _finding(verdict: Verdict) -> str:
    comparison, measured = verdict.comparison, verdict.measured
    arm, control = comparison.arm.name, comparison.control.name
    metric, tuned = score_in_english(comparison.metric), _tuned(comparison.trials)
    if (score := verdict.score_of_all) is not None:
        return (
            f"{arm} and {control} can't be told apart in {metric}{tuned}: no run differs "
            f"({numbers.three_digits(score)} in all), and more seeds won't change that"
        )
    if verdict.none_differs:
        return f"{arm} and {control} can't be judged in {metric}{_difference(verdict)}{tuned}: {LACKS['variation']}"
    if verdict.finding == "too few to judge" and (lacking := measured.too_few) is not None:
        lack = LACKS[lacking.lack].format(got=lacking.got, needed=lacking.needed, examples=_examples(comparison.unit))
        return f"{arm} and {control} have too few scores in {metric} to be judged{tuned}: {lack}"
    difference = f"{tuned}{_difference(verdict)}"
    if measured.over == "examples":
        return f"No verdict, one run each: this pair of models of {arm} and {control} differs in {metric}{difference}"
    if verdict.finding == "no verdict":
        runs = "3 runs, a smoke test" if comparison.fewest_runs == SMOKE_TEST else f"{comparison.fewest_runs} runs"
        return f"No verdict from {runs}: {arm} and {control} differ in {metric}{difference}"
    if verdict.finding == "undecided":
        return f"Whether {arm} is better or worse than {control} in {metric} is undecided{difference}"
    if verdict.finding == "the same":
        within = numbers.three_digits(comparison.margin or 0)
        return f"{arm} is the same as {control} to within {within} in {metric}{difference}"
    little = " by less than matters" if verdict.by_less_than_matters else ""
    return f"{arm} is {verdict.finding} than {control}{little} in {metric}{difference}"


def _tuned(trials: int | None) -> str:
    """Of what values a verdict is; nothing where nobody knows."""
    if trials is None:
        return ""
    return f" after {trials:,} {'trial' if trials == 1 else 'trials'} of tuning each" if trials else ", both untuned"


def _difference(verdict: Verdict) -> str:
    effect = verdict.measured.effect
    if effect is None:
        scores = (verdict.measured.scores.arm, verdict.measured.scores.control)
        known = [numbers.three_digits(each) for each in scores if each is not None]
        return f" ({' for '.join(known)})" if len(known) == len(scores) else ""
    difference, low, high = numbers.difference(effect)
    lower = "" if verdict.comparison.higher_is_better else "; lower is better"
    plain = ", not corrected" if verdict.family > 1 else ""  # Holm has no intervals
    return f": {difference} (95 % interval {low} to {high}{plain}{_tested(verdict)}{lower})"


def _tested(verdict: Verdict) -> str:
    """The p value that the finding rests on, and of what it is."""
    p, supposed = verdict.p_holm, "they didn't differ"
    if verdict.finding == "the same":
        p, supposed = verdict.p_same_holm, f"they differed by {numbers.three_digits(verdict.comparison.margin or 0)}"
    corrected = "Holm's p" if verdict.family > 1 else "p"
    return "" if p is None else f"; {corrected} {numbers.probability(p)} if {supposed}"


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
    return said


def _needed(verdict: Verdict) -> list[str]:
    said = []
    if verdict.smallest_difference is not None:
        said.append(_smallest(verdict.smallest_difference))
    different, same = verdict.needed_for_a_difference, verdict.needed_for_the_same
    margin = numbers.three_digits(verdict.comparison.margin or 0)
    if different is not None:
        said.append(_need(different, f"To find a difference of {margin}", unit=verdict.comparison.unit))
    if same is not None and (different is None or different.examples is None):
        said.append(_need(same, f"To find that there is less than {margin}", unit=verdict.comparison.unit))
    return said


def _need(need: Need, purpose: str, *, unit: str | None) -> str:
    if need.examples is not None:
        return f"{purpose} no number of seeds is enough: about {need.examples:,} {_examples(unit)} are needed"
    return f"{purpose} a new study needs {numbers.seeds(need) or 'many more'} seeds an arm"


def _examples(unit: str | None) -> str:
    """Those that count: of a unit all that stand in one are one."""
    return "examples" if unit is None else f"{unit}s"
