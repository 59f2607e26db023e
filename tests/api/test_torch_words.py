"""What others call an argument is told by its name here, and every name here is one that is taken."""

import inspect

import attnlab
from attnlab.api.torch_words import BUILT, BUILT_OTHERWISE, CALLED, in_a_call, in_building
from attnlab.attention import MultiHeadAttention


def test_every_name_that_is_proposed_is_taken_and_none_that_is_taken_is_renamed() -> None:
    taken = {*inspect.signature(attnlab.build_attention).parameters, *inspect.signature(MultiHeadAttention).parameters}
    assert {*BUILT.values()} <= taken
    assert not {*BUILT, *BUILT_OTHERWISE} & taken
    assert not {*CALLED} & {*inspect.signature(MultiHeadAttention.forward).parameters}


def test_torchs_own_arguments_are_all_known() -> None:
    from torch import nn

    built = {*inspect.signature(nn.MultiheadAttention).parameters} - {"num_heads", "dropout"}
    assert all(in_building(each, 5, [*BUILT.values()]) for each in built)
    called = {*inspect.signature(nn.MultiheadAttention.forward).parameters} - {"self", "query", "key", "value"}
    assert all(map(in_a_call, called))
    assert in_building("colour", 5, []) == in_a_call("colour") == ""
