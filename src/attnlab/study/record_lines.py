"""Reading `examples.jsonl`, of which every line is checked: one that is damaged is a single clear line."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from attnlab.errors import UserError
from attnlab.metrics.records.contract import SCHEMA, Records, Score, Statistics
from attnlab.metrics.records.matches import AREAS, OVERLAPS
from attnlab.metrics.records.precision import AVERAGE_PRECISION
from attnlab.metrics.records.sums import RULES
from attnlab.reading.bounds import open_file, plain_json

LONGEST = 50_000_000  # bytes of a line
SHOWN = 40  # bytes of one that is damaged
NUMBERS = {"mean": 2, "exp_mean": 2, "share": 2, "ratio_of_means": 4, "calibration_error": 3, "bleu": 10, "chrf": 18}
COUNTS = 3  # right, wrong and missed
MOST_BINS = 10_000  # of a calibration, as a task may have; the last one's number, since a confidence of 1 has its own
MOST_OBJECTS = 10**6  # in a picture

Check = Callable[[Any], bool]


class Read(NamedTuple):
    """Records, and what each example stands in, which is of a kind."""

    records: Records
    clusters: list[Any]
    cluster_kind: str | None


def read_lines(path: Path, *, known: Mapping[str, Any]) -> Read:
    """The records in a file; of the scores in its head those that are `known`.

    Raises:
        UserError: it can't be read, is of another version, or a line of it is damaged.
    """
    lines = _objects(path)
    head, place = next(lines, ({}, f"line 1 of {path}"))
    if not isinstance(head.get("scores"), dict) or head.get("schema") != SCHEMA:
        raise UserError(
            f"records must begin with a head of schema {SCHEMA}, got {head.get('schema', 'none')!r} in {place} (train "
            "the run anew with fresh=true)"
        )
    scores = {name: _score(values, place) for name, values in head["scores"].items() if name in known}
    checks = {score.of: _check(score) for score in scores.values()}
    examples: dict[int, Statistics] = {}
    clusters = []
    for values, place in lines:
        number, cluster = values.pop("id", None), values.pop("cluster", None)
        if type(number) is not int or number in examples or not isinstance(cluster, int | str):
            raise _damaged(f"an id of its own and a cluster, got {number!r} and {cluster!r}", place)
        for name, check in checks.items():
            if not check(values.get(name)):
                raise _damaged(f"the statistics {name}, got {str(values.get(name, 'none'))[:60]}", place)
        examples[number] = {name: values[name] for name in checks}
        clusters.append(cluster)
    if len(examples) != head.get("examples"):
        raise _damaged(f"all of {head.get('examples')} examples, got {len(examples)}", str(path))
    records = Records(examples, scores, _texts(head.get("without")), _groups(head.get("of_run")))
    return Read(records, clusters, head.get("clusters") if isinstance(head.get("clusters"), str) else None)


def _objects(path: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """Each line's object, and its place."""
    try:
        with open_file(path) as file:
            number = 0
            while line := file.readline(LONGEST + 1):
                number += 1
                place = f"line {number} of {path}"
                if len(line) > LONGEST:
                    raise _damaged(f"at most {LONGEST} bytes a line, got more", place)
                try:
                    found = plain_json(line)
                except ValueError as error:
                    raise _damaged(f"a JSON object a line, got {_start(line)!r}", place) from error
                if not isinstance(found, dict):
                    raise _damaged(f"a JSON object a line, got {_start(line)!r}", place)
                yield found, place
    except OSError as error:
        raise UserError(f"records must be readable, got {path}: {error.strerror} (train the run anew)") from error


def _start(line: bytes) -> str:
    """As much of a line as a message has room for, as text."""
    text = line[:SHOWN].decode("utf-8", errors="replace").rstrip("\r\n")
    return f"{text}..." if len(line) > SHOWN else text


def _damaged(what: str, place: str) -> UserError:
    return UserError(f"records must have {what} in {place} (train the run anew with fresh=true, or leave it out)")


def _score(values: Any, place: str) -> Score:
    """What a head says of a score."""
    fields = values if isinstance(values, dict) else {}
    score = Score(*(fields.get(name, "") for name in Score._fields))
    if not all(isinstance(each, str) for each in score) or score.rule not in {*RULES, *AVERAGE_PRECISION}:
        raise _damaged(f"a rule that is known for each score, got {str(values)[:60]}", place)
    return score


def _check(score: Score) -> Check:
    """What tells whether statistics are of the form that a score needs."""
    if score.rule in AVERAGE_PRECISION:
        return lambda value: isinstance(value, dict) and all(map(_are_boxes, value.values()))
    if score.part:
        return lambda value: isinstance(value, dict) and all(_are_numbers(each, COUNTS) for each in value.values())
    least = NUMBERS.get(score.rule, COUNTS)
    if score.rule == "calibration_error":
        return lambda value: _are_numbers(value, least) and value[0] in range(MOST_BINS + 1)
    return lambda value: _are_numbers(value, least)


def _are_numbers(value: Any, num: int) -> bool:
    """So many, or four where two have two more beside them."""
    fits = isinstance(value, list) and len(value) in (num, 4 if num == 2 else num)
    return fits and all(type(each) in (int, float) for each in value)


def _are_boxes(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    objects, found = value.get("objects"), value.get("found")
    if not isinstance(objects, list) or len(objects) != len(AREAS):
        return False
    if not all(type(each) is int and 0 <= each <= MOST_OBJECTS for each in objects):
        return False
    return isinstance(found, list) and all(map(_is_found, found))


def _is_found(each: Any) -> bool:
    if not isinstance(each, list) or len(each) != 1 + len(AREAS) or type(each[0]) not in (int, float):
        return False
    return all(isinstance(one, str) and len(one) in (1, len(OVERLAPS)) and set(one) <= set("10-") for one in each[1:])


def _texts(values: Any) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()} if isinstance(values, dict) else {}


def _groups(values: Any) -> dict[str, dict[str, Any]]:
    fits = isinstance(values, dict) and all(isinstance(each, dict) for each in values.values())
    return dict(values) if fits else {}
