"""What arms cost, as a table whose cells a page and a report share."""

from collections.abc import Iterable, Mapping, Sequence

from attnlab.language import Words
from attnlab.reporting.glossary import slot_in_chinese
from attnlab.reporting.numbers import NOTHING
from attnlab.study.ledger import Costs
from attnlab.study.verdict_table import filled
from attnlab.study.wording.contract import Wording


def table(costs: Mapping[str, Costs], words: Wording) -> list[list[str]]:
    """Heads and a row a name, without columns that hold nothing; the last says what stands in the model's slots."""
    return filled([words.HEADS.costs, *(_row(name, each, words) for name, each in costs.items())])


def has_slots(costs: Iterable[Costs]) -> bool:
    """Whether the last column is there, which has no numbers."""
    return any(each.slots for each in costs)


def _row(name: str, costs: Costs, words: Wording) -> Sequence[str]:
    parameters, forward, state = costs.parameters, costs.forward, costs.state
    counts: list[int | None] = [parameters.total, parameters.trainable, parameters.attention]
    counts += [None] * 3 if forward is None else [forward.flops, costs.training_flops, forward.elements]
    counts += [None] * 3 if state is None else [state.fixed, state.per_written_token, state.per_source_token]
    english = ", ".join(f"{slot}={mechanism}" for slot, mechanism in costs.slots.items())
    chinese = "，".join(f"{slot_in_chinese(slot)}：{mechanism}" for slot, mechanism in costs.slots.items())
    slots = words.said(Words(english, chinese)) or NOTHING
    return [name, *(NOTHING if count is None else f"{count:,}" for count in counts), slots]
