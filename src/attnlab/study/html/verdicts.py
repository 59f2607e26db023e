"""Verdicts on a page: in words, why to believe them or not, and as a table."""

from collections.abc import Iterator, Sequence

from attnlab.reporting.glossary import score_in_chinese, score_in_english, set_off
from attnlab.reporting.pages.report.contents import Finding, Pairs, Table, Text, pairs, plain
from attnlab.study import other_pairs
from attnlab.study.html.subject import Subject, in_both
from attnlab.study.statistics.sentences import numbers
from attnlab.study.statistics.verdict import ArmRuns, Mark, Over, Verdict
from attnlab.study.verdict_table import WORDS, beside, footnotes
from attnlab.study.verdict_table import table as cells
from attnlab.study.wording import chinese, english
from attnlab.study.wording.contract import Wording

LABELS = {
    "better": Text("better", "优于"),
    "worse": Text("worse", "劣于"),
    "the same": Text("the same", "相同"),
    "undecided": Text("undecided", "尚无定论"),
    "too few to judge": Text("too few to judge", "数据太少"),
    "no verdict": Text("no verdict", "不作结论"),
}
NONE_DIFFERS = Text("no run differs", "运行毫无差别")
MARKS: dict[Mark, tuple[Text, Text]] = {
    "unstable": (
        Text("unstable", "不稳定"),
        Text(
            "Runs failed: scores are of those that finished, which may be the luckier ones.",
            "有运行失败：分数只出自完成的运行，它们可能更走运。",
        ),
    ),
    "uneven": (
        Text("uneven", "波动不均"),
        Text(
            "One arm's runs vary over 3 times as much as the other's, where intervals are less exact.",
            "一组各次运行间的波动超过另一组的 3 倍，此时区间不那么准确。",
        ),
    ),
    "exploratory": (
        Text("exploratory", "探索性"),
        Text(
            "Nobody planned before these runs what would be compared and when: to be shown again by new runs.",
            "运行之前没有计划比较什么、何时比较：需用新的运行再次证实。",
        ),
    ),
}
MEAN = Text("Its mean over runs", "各次运行的均值")
ALONE = Text("Compared with nothing:", "没有可比较的组：")
CONFOUNDED = Text("confounded", "混杂")
OVER: dict[Over, Text] = {
    "seeds and examples": Text("for new seeds and new examples", "适用于新种子和新样本"),
    "seeds": Text("for new seeds, with this reference set", "适用于新种子、同一参考集"),
    "examples": Text("for new examples, of this very pair of models", "适用于新样本、仅这一对模型"),
}


def summary(subject: Subject) -> Iterator[tuple[Text, Text]]:
    """Which arms are better than the control, worse, the same, and of which it isn't known; that one is alone."""
    control, metric = subject.judgement.control, score_in_english(subject.metric)
    zh = set_off(score_in_chinese(subject.metric)).lstrip()
    of = {
        "better": Text(f"Better than {control} in {metric}:", f"{zh}优于 {control}："),
        "worse": Text(f"Worse than {control} in {metric}:", f"{zh}劣于 {control}："),
        "the same": Text(f"The same as {control}:", f"与 {control} 相同："),
        "undecided": Text("Undecided:", "尚无定论："),
        "too few to judge": Text("Too few data to judge:", "数据太少，无法判断："),
        "no verdict": Text("No verdict, for too few runs:", "运行太少，不作结论："),
    }
    if not subject.judgement.verdicts:
        yield ALONE, plain(subject.judgement.control)
    judged = [each for each in subject.judgement.ranked if not each.none_differs]
    for finding, title in of.items():
        yield from _titled(title, [each for each in judged if each.finding == finding])
    title = Text(f"Not told apart from {control}, for no run differs:", f"运行毫无差别，与 {control} 分不出高下：")
    yield from _titled(title, [each for each in subject.judgement.ranked if each.none_differs])


def _titled(title: Text, found: Sequence[Verdict]) -> Iterator[tuple[Text, Text]]:
    """Nothing of no arm."""
    if found:
        named = list(map(_named, found))
        yield title, Text(", ".join(each[0] for each in named), "、".join(each[1] for each in named))


def label(verdict: Verdict) -> Text:
    """What was found, or that there is nothing to be found."""
    return NONE_DIFFERS if verdict.none_differs else LABELS[verdict.finding]


def _named(verdict: Verdict) -> Text:
    """`additive (+0.021)`."""
    name, effect = verdict.comparison.arm.name, verdict.measured.effect
    if effect is None:
        return plain(name)
    shown = numbers.difference(effect).difference
    return Text(f"{name} ({shown})", f"{name}（{shown}）")


def findings(subject: Subject) -> Iterator[Finding]:
    """A pair each, from the best on."""
    for verdict in subject.judgement.ranked:
        arm = subject.of[verdict.comparison.arm.name]
        marks = [MARKS[each][0] for each in verdict.marks] + ([CONFOUNDED] if arm.confounded else [])
        yield Finding(
            arm=arm.name,
            kind=verdict.finding,
            label=label(verdict),
            marks=marks,
            sentence=Text(english.in_brief(verdict), chinese.in_brief(verdict)),
            beside=pairs(_beside(verdict, english), _beside(verdict, chinese)),
            believe=[*_believe(verdict), *_warnings(verdict, confounded=arm.confounded)],
        )


def _beside(verdict: Verdict, words: Wording) -> list[str]:
    """All that the first sentence doesn't say."""
    return [*words.reasons(verdict), *beside(verdict, words)]


def _believe(verdict: Verdict) -> Iterator[tuple[Text, Text]]:
    comparison, effect = verdict.comparison, verdict.measured.effect
    ours, theirs = (_seeds(each) for each in (comparison.arm, comparison.control))
    yield Text("Seeds", "种子"), Text(f"{ours[0]}; {theirs[0]}", f"{ours[1]}；{theirs[1]}")
    if effect is not None:
        yield Text("The interval holds", "区间"), OVER[verdict.measured.over]
    yield from _tested(verdict)


def _seeds(arm: ArmRuns) -> Text:
    finished = len(arm.seeds)
    if arm.failed:
        return Text(
            f"{arm.name}: {finished} finished, {arm.failed} failed",
            f"{arm.name}：完成 {finished} 个，失败 {arm.failed} 个",
        )
    return Text(f"{arm.name}: {finished}", f"{arm.name}：{finished} 个")


def _tested(verdict: Verdict) -> Iterator[tuple[Text, Text]]:
    """Both p values, each by what it is supposed of: no difference, and one that matters."""
    family = Text("", "")
    if verdict.family > 1:
        family = Text(f" (Holm's, of {verdict.family})", f"（按 {verdict.family} 个比较作 Holm 校正）")
    margin = numbers.three_digits(verdict.comparison.margin or 0)
    supposed = [
        (verdict.p_holm, Text("p if there were no difference", "p（若毫无差别）")),
        (verdict.p_same_holm, Text(f"p if they were {margin} apart", f"p（若相差 {margin}）")),
    ]
    for p, name in supposed:
        if p is not None:
            below = p < verdict.alpha
            shown = numbers.probability(p).removeprefix("= ")
            yield (
                name,
                Text(
                    f"{shown}{family[0]}, {'below' if below else 'not below'} {verdict.alpha:g}",
                    f"{shown}{family[1]}，{'小于' if below else '不小于'} {verdict.alpha:g}",
                ),
            )


def _warnings(verdict: Verdict, *, confounded: bool) -> Iterator[tuple[Text, Text]]:
    yield from (MARKS[each] for each in verdict.marks if each != "exploratory")  # its sentence says so
    if confounded:
        yield (
            CONFOUNDED,
            Text(
                "It differs from the control in more than its attention, which may be why it scores otherwise.",
                "它与对照组的差别不止注意力，分数不同可能另有原因。",
            ),
        )


def table(subject: Subject) -> Table:
    """All arms, the control among them."""
    judgement = subject.judgement
    heads, *rows = (pairs(*both) for both in zip(cells(judgement, english), cells(judgement, chinese), strict=True))
    return Table(
        name="verdict-table",
        caption=Text(f"Against {judgement.control}", f"与 {judgement.control} 比较") if judgement.verdicts else MEAN,
        heads=heads,
        rows=rows,
        words=range(len(WORDS)),
    )


def pairs_of(subject: Subject) -> Pairs | None:
    """Arms against each other, without the control."""
    judgement = subject.judgement
    if not (found := other_pairs.other_pairs(judgement)):
        return None
    both = (other_pairs.table(found, words) for words in (english, chinese))
    heads, *rows = (pairs(*each) for each in zip(*both, strict=True))
    caption = in_both(lambda words: words.TITLES.pairs)
    notes = in_both(lambda words: " ".join(other_pairs.notes(found, words)))
    about = in_both(
        lambda words: words.pairs(
            judgement.control, num=len(found), best=other_pairs.best_of(judgement), folder=subject.folder
        )
    )
    return Pairs(
        about=Text(f"{about.english} {notes.english}".rstrip(), about.chinese + notes.chinese),
        table=Table(name="pair-table", caption=caption, heads=heads, rows=rows, words=(0, 1, 2)),
    )


def notes_below(subject: Subject) -> list[Text]:
    """How it was judged."""
    return pairs(footnotes(subject.judgement, english), footnotes(subject.judgement, chinese))
