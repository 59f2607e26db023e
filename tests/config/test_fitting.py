"""What fits what, by name, where the grid says so and nowhere else."""

import pytest

from attnlab.config import fitting
from attnlab.errors import UserError

GRID = fitting.read()


@pytest.mark.parametrize("task", GRID["cells"])
def test_what_the_grid_says_fits_passes_and_nothing_else_of_ours(task: str) -> None:
    every = {model for models in GRID["cells"].values() for model in models}
    for model in every:
        choices = {"task": task, "model": model}
        if model in GRID["cells"][task]:
            fitting.check_fit(choices)
        else:
            with pytest.raises(UserError, match=f"model={model} is for task=.*, got task={task} "):
                fitting.check_fit(choices)


def test_of_the_users_own_nothing_is_said() -> None:
    fitting.check_fit({"task": "mine", "model": "vit", "data": "conll"})
    fitting.check_fit({"task": "ner", "model": "mine", "data": "mine", "tokenizer": None})


def test_a_role_is_served_by_what_says_so() -> None:
    assert "alibi" not in fitting.serving(["cross"])
    assert {"additive", "alibi"} <= set(fitting.serving(["cross", "self"]))


def test_what_an_experiment_chose_for_another_task_is_said_to_be_its() -> None:
    said = (
        r"data=bible_names of experiment=ner_quickstart is for task=ner, got task=translation \(choose an "
        r"experiment of this task, or another task, or drop experiment=ner_quickstart\)"
    )
    chosen = {"task": "translation", "data": "bible_names", "experiment": "ner_quickstart"}
    with pytest.raises(UserError, match=said):
        fitting.check_fit(chosen)
    with pytest.raises(UserError, match=r"data=conll is for task=ner, .* \(set data to one of "):
        fitting.check_fit(chosen | {"data": "conll"})
