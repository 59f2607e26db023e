"""Samples on a page: the same test examples, answered by a run of each arm."""

from collections.abc import Callable, Mapping, Sequence

from attnlab.reporting.pages.report.contents import Answer, BoxKey, Sample, SampleGroup, Samples, Text, plain
from attnlab.reporting.pictures import spread
from attnlab.study.html import boxes as boxes_of
from attnlab.study.html.pictures import Picture, generated_picture
from attnlab.study.html.predictions import Line, Said, predictions_of
from attnlab.study.html.subject import Run, Subject, SubjectArm, shown_by

NUM = 6  # of a kind
TRUTH = Text("the reference", "参考")
MORE_HITS = Text("Where some arms hit more objects than others", "各组命中数不一之处")
NO_ENTITY = [(Text("entities", "实体"), Text("none", "无"))]
NO_TEXT = [(Text("text", "文本"), Text("empty", "空"))]

Pictures = Callable[[Sequence[int]], Mapping[int, Picture]]
"""Those of test examples, by their numbers."""
Answers = Mapping[str, Mapping[int, Line]]
"""By arm, of each example."""


def samples(subject: Subject, pictures: Pictures) -> Samples:
    """Evenly through the test, and some on which arms differ: of answers that are right or wrong in that, of objects in
    how many are hit.

    Of each arm's run of the first seed that all have finished, else of its own first. Where arms make pictures, what
    they made of the same latents.
    """
    runs = _runs(subject)
    answers = {name: found for name, run in runs.items() if (found := predictions_of(run.folder).lines)}
    if not answers:
        return _made(runs)
    shared = sorted(set.intersection(*(set(each) for each in answers.values())))
    even = [shared[place] for place in spread(len(shared), NUM)]
    differing = [number for number in shared if number not in even and _differ(answers, number)]
    apart = [differing[place] for place in spread(len(differing), NUM)]
    kinds = {line.kind for each in answers.values() for line in each.values()}
    shown = pictures([*even, *apart]) if kinds & {"class", "boxes"} else {}
    key = box_key([line for each in answers.values() for line in each.values()], cut=_cut(subject.arms))
    titles = (
        (Text("Spread evenly over the test set", "在测试集中均匀选取"), even),
        (MORE_HITS if key else Text("Where some arms are right and others wrong", "各组对错不一之处"), apart),
    )
    groups = [
        SampleGroup(
            title=title,
            samples=[
                sample(number, [(plain(name), name, each[number]) for name, each in answers.items()], shown, key)
                for number in numbers
            ],
        )
        for title, numbers in titles
        if numbers
    ]
    return Samples(groups, [_about({name: runs[name] for name in answers})] if groups else [], key)


def box_key(lines: Sequence[Line], *, cut: float | None) -> BoxKey | None:
    """What boxes mean where answers have them, each class that is there or found anywhere with a hue of its own."""
    said = [each for line in lines for each in (line.output, line.target) if each is not None]
    boxes = [box for each in said for box in each.boxes or ()]
    return boxes_of.key_of(boxes, cut=cut) if any(each.boxes is not None for each in said) else None


def _cut(arms: Sequence[SubjectArm]) -> float | None:
    """The least score of boxes that all arms give, if it is the same."""
    found = {arm.config.get("task", {}).get("score_threshold") for arm in arms}
    return found.pop() if len(found) == 1 else None


def _about(runs: Mapping[str, Run]) -> Text:
    said = shown_by(runs)
    return Text(f"{said.english} Examples are no evidence.", f"{said.chinese}样本不是证据。")


def _runs(subject: Subject) -> dict[str, Run]:
    """One of each arm that has any."""
    seed = _shared_seed(subject.arms)
    return {
        arm.name: next((run for run in arm.runs if run.seed == seed), arm.runs[0]) for arm in subject.arms if arm.runs
    }


def _shared_seed(arms: Sequence[SubjectArm]) -> int | None:
    """The first that all arms with a run have finished."""
    seeds = [[run.seed for run in arm.runs] for arm in arms if arm.runs]
    return next((seed for seed in seeds[0] if all(seed in each for each in seeds)), None) if seeds else None


def _differ(answers: Answers, number: int) -> bool:
    lines = [each[number] for each in answers.values()]
    found = {_hits(each) if each.kind == "boxes" else each.right for each in lines}
    return None not in found and len(found) > 1


def _hits(line: Line) -> int | None:
    there = None if line.target is None else line.target.boxes
    return None if there is None else len(boxes_of.judged(line.output.boxes or (), there).hits)


def sample(
    number: int, lines: Sequence[tuple[Text, str, Line]], pictures: Mapping[int, Picture], key: BoxKey | None
) -> Sample:
    """An example of what answers, by their names and arms, have in common, and these."""
    first, picture = lines[0][2], pictures.get(number)
    size = first.size or (None if picture is None else picture.size)
    there = None if first.target is None else first.target.boxes
    answers = []
    if first.target is not None:
        drawn = boxes_of.drawn_truth(there, size, key) if there is not None and key else _plain(first, first.target)
        answers.append(Answer(name=TRUTH, arm=None, spans=first.target.spans, marks=drawn.marks, rows=drawn.rows))
    for name, arm, line in lines:
        found = line.output.boxes
        drawn = _plain(line, line.output)
        if found is not None and key:
            drawn = boxes_of.drawn_answer(found, there, size, key)
        answers.append(
            Answer(name=name, arm=arm, right=line.right, spans=line.output.spans, marks=drawn.marks, rows=drawn.rows)
        )
    address = None if picture is None else picture.address
    return Sample(number=number, given=first.given, picture=address, size=size, answers=answers)


def _plain(line: Line, said: Said) -> boxes_of.Drawn:
    """Of what has no boxes; a text without an entity says so, and so does an empty one."""
    if line.kind == "text" and not any(span.text.strip() for span in said.spans):
        return boxes_of.Drawn(None, NO_TEXT)
    without = line.kind == "entities" and all(span.label is None for span in said.spans)
    return boxes_of.Drawn(None, NO_ENTITY if without else ())


def made_group(answers: Sequence[Answer]) -> SampleGroup:
    """Of answers that are pictures of no example."""
    sample = Sample(number=0, given="", picture=None, size=None, answers=answers)
    return SampleGroup(title=Text("Generated pictures", "生成的图像"), samples=[sample])


def _made(runs: Mapping[str, Run]) -> Samples:
    """What generators made, one picture an arm."""
    found = {name: made for name, run in runs.items() if (made := generated_picture(run.folder)) is not None}
    if not found:
        return Samples([], [])
    answers = [Answer(name=plain(name), arm=name, picture=address) for name, address in found.items()]
    return Samples([made_group(answers)], [_about({name: runs[name] for name in found})])
