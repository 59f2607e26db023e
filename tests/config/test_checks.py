"""A wrong override is one clear line that names the key and the choices."""

import pytest

from attnlab.config.compose import compose_run
from attnlab.errors import UserError


@pytest.mark.parametrize(
    "override, message",
    [
        (
            "attention=scaled_dt",
            r"no attention is named 'scaled_dt' \(did you mean scaled_dot\?\); choose from additive, ",
        ),
        ("task=nosuch", r"no task is named 'nosuch'; choose from .*translation"),
        ("model.dmi=64", r"no key 'model.dmi' \(did you mean model.dim\?\); model has .*dim.*dropout"),
        ("colour=red", r"no key 'colour'; the top level has attention, callbacks, "),
        ("seed.x=1", r"no key 'seed.x': seed is a value, 0 \(set seed=...\)"),
        ("seed=abc", r"seed must be a whole number, got 'abc' \(the default is 0\)"),
        ("trainer.max_steps=1.5", r"trainer.max_steps must be a whole number, got 1.5"),
        ("fresh=1", r"fresh must be true or false, got 1"),
        ("optimizer.lr=fast", r"optimizer.lr must be a number, got 'fast'"),
        ("data.source=1", r"data.source must be text, got 1"),
        ("data=parallel_text", r"data.source, data.target must be given \(set data.source=...\)"),
        ("seed", r"an override is KEY=VALUE, got 'seed'"),
        ("seed=1,2", r"several values make a sweep, got 'seed=1,2' \(add -m\)"),
    ],
)
def test_a_wrong_override_is_named_with_the_choices(override: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        compose_run([override])


def test_a_mechanism_for_a_model_without_attention_is_refused() -> None:
    with pytest.raises(UserError, match=r"model=seq2seq has no attention to swap, got attention=additive"):
        compose_run(["model=seq2seq", "attention=additive"])
