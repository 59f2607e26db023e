"""Whether a model has learned anything: its loss against the first, its answers against one that knows nothing."""

import json
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

FALLEN = 0.98  # of the first reported loss: what is above hasn't fallen
FEWEST_REPORTS = 8  # of the loss, of which the last quarter are taken together
FEWEST_ANSWERS = 20  # below which alike answers may be chance
SAME = 0.02  # of as many different answers as there are different targets: nearly all alike
SCORES = ("accuracy", "f1", "ap50", "chrf", "rouge1")  # 0 where nothing is right


def flat_loss(losses: Sequence[float]) -> str | None:
    """What to say of reported losses, means of equal stretches of training, that haven't fallen; None where they have.

    The last quarter's mean is compared with the first report, which holds the first updates, too.
    """
    if len(losses) < FEWEST_REPORTS or not all(map(math.isfinite, losses)):
        return None
    last = losses[-(len(losses) // 4) :]
    mean = sum(last) / len(last)
    if mean < FALLEN * losses[0] or losses[0] <= 0:
        return None
    return f"the training loss hasn't fallen: {losses[0]:.4g} at first, {mean:.4g} over the last quarter"


def alike_answers(predictions: Sequence[Mapping[str, Any]]) -> str | None:
    """What to say of a test's answers that are the same, or nearly, where targets aren't; None where they differ."""
    if len(predictions) < FEWEST_ANSWERS:
        return None
    outputs, targets = (Counter(map(_written, (each[key] for each in predictions))) for key in ("output", "target"))
    if len(outputs) == 1 < len(targets):
        (answer,) = outputs
        return f"all {len(predictions)} answers to the test are the same, {_shown(answer)}"
    if len(outputs) < SAME * len(targets):
        return f"{len(predictions)} answers to the test are only {len(outputs)} different ones"
    return None


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _shown(answer: str) -> str:
    if answer in ("", "[]"):
        return "an empty one" if not answer else "that there is nothing"
    return repr(answer if len(answer) <= 60 else answer[:59] + "…")


def no_better_than_one_class(predictions: Sequence[Mapping[str, Any]], accuracy: float) -> str | None:
    """What to say of an accuracy that naming the commonest class always would reach, within two standard errors."""
    number = len(predictions)
    if number < FEWEST_ANSWERS:
        return None
    (commonest, count), *others = Counter(str(each["target"]) for each in predictions).most_common()
    share = count / number
    if not others or _better(accuracy, share, number):
        return None
    return f"accuracy {accuracy:.4g} is no better than that of always saying {commonest!r}, {share:.4g}"


def no_better_than_counting(accuracy: float, *, commonest: float, number: int) -> str | None:
    """What to say of an accuracy of `number` answers that are to be looked up, where counting is right as often."""
    if number < FEWEST_ANSWERS or _better(accuracy, commonest, number):
        return None
    return (
        f"accuracy {accuracy:.4g} is no better than that of answering what stands most often in each sequence, "
        f"{commonest:.4g}: nothing is looked up"
    )


def _better(accuracy: float, share: float, number: int) -> bool:
    """Than a share of `number`, by over two standard errors."""
    return accuracy > share + 2 * math.sqrt(share * (1 - share) / number)


def nothing_right(scores: Mapping[str, float]) -> str | None:
    """What to say of a score of the test that is 0."""
    zero = next((name for name in SCORES if scores.get(name) == 0), None)
    return None if zero is None else f"test {zero} is 0: nothing was right"
