"""In what a checkpoint was trained is told, if it says so."""

from attnlab.runs.environment import environment_of


def test_what_a_checkpoint_says_is_text_whatever_was_stored() -> None:
    assert environment_of({"environment": {"precision": "bf16-mixed", "processes": 2}}) == {
        "precision": "bf16-mixed",
        "processes": "2",
    }
    assert environment_of({}) == environment_of({"environment": 3}) == {}
