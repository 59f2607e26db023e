"""What there is to be said on a study's pages; each language is a module that says all of it."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from attnlab.language import Words
from attnlab.study.arms import Difference, Kind
from attnlab.study.ceiling import AtBest
from attnlab.study.matching import Matched
from attnlab.study.one_example import OneExample
from attnlab.study.run_warnings import Warned
from attnlab.study.sizes import Apart
from attnlab.study.statistics.verdict import Finding, Verdict
from attnlab.study.still_improving import StillImproving


class Row(NamedTuple):
    """A group's cells in the table of verdicts; the control has no difference from itself.

    `p` is of there being no difference, `p_same` of there being one of the margin.
    """

    name: str
    verdict: str
    difference: str
    interval: str
    p: str
    p_same: str
    score: str
    deviation: str
    runs: str


class Question(NamedTuple):
    """By which score arms are compared, whether more of it is better, and the difference from which on it matters."""

    metric: str
    higher_is_better: bool
    margin: float | None


class Titles(NamedTuple):
    """Of a page's sections."""

    verdicts: str
    known: str
    pairs: str
    costs: str
    tuning: str
    ablations: str
    others: str
    receipts: str


class Heads(NamedTuple):
    """Of the tables that hold what verdicts rest on."""

    against: str  # with which arm another is compared
    costs: Sequence[str]
    tuning: Sequence[str]
    differences: Sequence[str]
    ablations: Sequence[str]  # before the metric and behind it
    others: str
    receipts: Sequence[str]  # likewise


class Wording(Protocol):
    """A language. Names, keys, values and the messages of programs stay as they are."""

    TITLES: Titles
    HEADS: Heads
    CONTROL: str  # in the place of a verdict
    NOT_RECORDED: str

    def said(self, words: Words) -> str:
        """What both languages say."""
        ...

    def verdict(self, verdict: Verdict) -> str:
        """The sentence."""
        ...

    def in_brief(self, verdict: Verdict) -> str:
        """The arm, by how much, and the verdict, after failed runs and uneven seeds."""
        ...

    def reasons(self, verdict: Verdict) -> Sequence[str]:
        """What else the sentence says, a sentence each."""
        ...

    def score(self, metric: str) -> str:
        """A score's name."""
        ...

    def of_this_test_set(self, verdict: Verdict) -> str | None:
        """The second line."""
        ...

    def of_components(self, verdict: Verdict) -> str | None:
        """What scores vary by: seeds, examples, and what is left of both."""
        ...

    def of_power(self, verdict: Verdict) -> str | None:
        """What such runs could have told at all."""
        ...

    def of_runs(self, fewest: int) -> str:
        """What so many runs of an arm are good for."""
        ...

    def correlation(self, value: float, *, paired: bool) -> str:
        """Of the scores of seeds that both arms have."""
        ...

    def of_examples(self, verdict: Verdict) -> str | None:
        """Where the test's examples add nothing to the interval."""
        ...

    def heads(self, metric: str, *, margin: float | None) -> Row:
        """Of the table of verdicts."""
        ...

    def num_runs(self, finished: int, failed: int) -> str: ...

    def interval(self, low: str, high: str) -> str: ...

    def cell(self, verdict: Verdict) -> str:
        """Marks and finding."""
        ...

    def judged(self, alpha: float, *, control: str, margin: float | None, family: int) -> str:
        """How a difference was judged; `family`: of how many comparisons p values are Holm's."""
        ...

    def tuned(self, trials: int) -> str:
        """By how many trials each arm was tuned; 0: by none."""
        ...

    def reference(self, kind: str, metric: str, score: float) -> str:
        """What the beginning of each document scores, of summaries."""
        ...

    def told(self, name: str, said: Words, *, control: bool = False) -> str:
        """What a score or an arm is."""
        ...

    def pairs(self, control: str, *, num: int, best: int | None, folder: str | None) -> str:
        """What the table of arms against each other is, and how another control is had of the study in a folder.

        best: of how many arms, the best, where it isn't of all.
        """
        ...

    def one_example(self, found: OneExample) -> str:
        """That differences hang on one example, and what they are without it."""
        ...

    def at_best(self, found: AtBest) -> str:
        """That the test is too easy for these arms to be ranked by it."""
        ...

    def clusters(self, unit: str) -> str:
        """That examples of one, `chapter` say, count as one."""
        ...

    def earlier(self, num: int) -> str:
        """That so many runs are judged by their predictions."""
        ...

    def without_bias(self, metric: str, reported: Sequence[tuple[str, str]]) -> str:
        """That an FID is compared jackknifed; `reported`: of each arm the mean of what its runs report."""
        ...

    def still_improving(self, found: StillImproving) -> str:
        """That most arms weren't done learning, and what may come of it."""
        ...

    def warned(self, found: Warned) -> str:
        """What some runs, or all, were warned of."""
        ...

    def sizes(self, found: Sequence[Apart], *, control: str) -> str:
        """Which arms are larger or smaller than the control."""
        ...

    def confounded(self, arm: str, *, control: str, keys: Sequence[str], more: int) -> str: ...

    def matched(self, arm: str, found: Matched, *, flops: bool) -> str: ...

    def unmatched(self, arm: str, why: str) -> str: ...

    def failed(self, arm: str, *, seed: int, status: str, error: str | None) -> str: ...

    def tried_again(self, arm: str, *, seed: int, before: str) -> str:
        """A run that finished when it was tried once more, and how it had failed `before`."""
        ...

    def looks(self, planned: Sequence[tuple[int, float]], *, last: int) -> str:
        """Seeds and alpha of each look that was planned, and the last that was taken."""
        ...

    def earlier_look(self, arm: str, *, seeds: int, finding: Finding) -> str: ...

    def seeds_added(self, looked_at: int) -> str: ...

    def asked_otherwise(self, key: str, before: Any) -> str:
        """That verdicts were reached by another value of a study's key before."""
        ...

    def ledger(self, costs: Sequence[tuple[str, int, int | None]]) -> str:
        """Parameters of each arm, and FLOPs of a forward pass."""
        ...

    def tuning_cost(self, runs: int, updates: int, seconds: float) -> str:
        """What all trials took."""
        ...

    def asked(self, arms: int, question: Question, *, control: str, seeds: Sequence[int]) -> str:
        """A page's first paragraph."""
        ...

    def other_language(self) -> str:
        """A link to the same page."""
        ...

    def differences_from(self, control: str) -> str:
        """A section's title."""
        ...

    def kind(self, kind: Kind) -> str:
        """Of a difference."""
        ...

    def values(self, difference: Difference) -> Sequence[str]:
        """The control's and the arm's."""
        ...

    def forest(self) -> str:
        """What the picture of the verdicts shows."""
        ...

    def reason(self, why: str) -> str:
        """Why something isn't there, of which the English is at hand."""
        ...

    def status(self, status: str) -> str:
        """How a run ended that failed."""
        ...

    def counted_on(self, example: str) -> str:
        """How costs were counted."""
        ...

    def left_out(self, arm: str, why: str) -> str: ...

    def arm_name(self, name: str, *, confounded: bool, added: bool) -> str: ...

    def tuning(self, trials: int, *, monitor: str, higher_is_better: bool, seed: int) -> str:
        """How values were chosen."""
        ...

    def lacking(self, arm: str, keys: Sequence[str]) -> str:
        """That an arm has no such values to tune."""
        ...

    def expected_best(self) -> str:
        """What the picture of tuning shows."""
        ...

    def ablated(self, *, seeds: Sequence[int], single: bool, learning_nothing: Sequence[str]) -> str:
        """How runs of these seeds were tested without what attention has learned; `single`: one of each arm.

        Arms whose attention learns nothing are left out.
        """
        ...

    def each_ablation(self) -> str:
        """Where those of each run are, as Markdown."""
        ...

    def exploratory(self) -> str:
        """What other scores are."""
        ...

    def receipt(self, what: str) -> str:
        """The name of a receipt's part."""
        ...

    def verify(self, study: str) -> str:
        """By which command a row is had again."""
        ...

    def files(self) -> str:
        """Where there is more, as Markdown."""
        ...
