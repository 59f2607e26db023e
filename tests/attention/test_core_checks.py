"""A class of one's own that lacks a part of the contract is refused where it is built, in words that name the part."""

from functools import partial

import pytest
import torch
from torch import nn

from attnlab.attention import MultiHeadAttention, Properties
from attnlab.attention.core import Side
from attnlab.attention.mechanisms.scaled_dot import ScaledDotAttention


class Whole(nn.Module):
    uses = frozenset({"query", "key"})
    properties = Properties()

    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        super().__init__()

    def weights(self, q, k, *, key_mask=None, bias=None):
        return (q @ k.mT).softmax(-1)

    def combine(self, weights, v):
        return weights @ v

    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return self.combine(self.weights(q, k, key_mask=key_mask, bias=bias), v)


class WithoutUses(Whole):
    uses = None


class ListsUses(Whole):
    uses = ["query", "key"]  # noqa: RUF012


class UsesAnotherWord(Whole):
    uses = frozenset({"query", "keys"})


class WithoutProperties(Whole):
    properties = None


class WithoutWeights(Whole):
    weights = None


class WithoutCombine(Whole):
    combine = None


class WithoutForward(Whole):
    forward = nn.Module.forward


class WithoutMask(Whole):
    def forward(self, q, k, v):
        return v


class WithoutBias(Whole):
    def weights(self, q, k, *, key_mask=None):
        return (q @ k.mT).softmax(-1)


class NeedsAScale(Whole):
    def forward(self, q, k, v, scale, *, key_mask=None, bias=None):
        return v


class KnowsNoSide(Whole):
    side = {"gate": Side(3, "query")}  # noqa: RUF012


class TakesTheWidth(Whole):
    def __init__(self, dim):
        super().__init__(num_heads=1, head_dim=1, role="self", max_length=1, dropout=0)


class NeedsTwo(Whole):
    def __init__(self, *, num_heads, head_dim, role, max_length, dropout, temperature, alpha):
        super().__init__(num_heads=num_heads, head_dim=head_dim, role=role, max_length=max_length, dropout=dropout)


class NoModule:
    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        pass


class NeverBegun(Whole):
    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        self.causal = role == "causal"


def of_heads(q, k, v):
    return v


def makes_whole(*, num_heads, **others):
    return Whole(num_heads=num_heads, **others)


class GivesTwo(Whole):
    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return v, None


def build(core):
    return MultiHeadAttention(6, num_heads=2, core=core, role="self", max_length=7)


@pytest.mark.parametrize(
    ("core", "said"),
    [
        (WithoutUses, "WithoutUses misses `uses`: a frozenset"),
        (ListsUses, "`uses` of ListsUses must be a frozenset .* got \\['query', 'key'\\]"),
        (UsesAnotherWord, "`uses` of UsesAnotherWord must be a frozenset .*'keys'"),
        (WithoutProperties, "WithoutProperties misses `properties`: an attnlab.attention.Properties"),
        (WithoutWeights, "WithoutWeights misses `weights`: a method"),
        (WithoutCombine, "WithoutCombine misses `combine`: a method"),
        (WithoutForward, "WithoutForward misses `forward`: a method"),
        (
            WithoutMask,
            r"WithoutMask.forward must take key_mask and bias.*def forward\(self, q, k, v, \*, key_mask=None",
        ),
        (WithoutBias, r"WithoutBias.weights must take bias.*def weights\(self, q, k, \*, key_mask=None, bias=None\)"),
        (
            NeedsAScale,
            r"forward must need nothing but q, k, v, key_mask, bias, got \(q, k, v, scale, \*, "
            r"key_mask=None, bias=None\) \(write def forward\(self, q, k, v, \*, key_mask=None, bias=None\)\)$",
        ),
        (KnowsNoSide, r"forward must take side.*def forward\(self, q, k, v, \*, side, key_mask=None, bias=None\)"),
        (TakesTheWidth, "the constructor of TakesTheWidth must take num_heads and head_dim and role"),
        (
            NeedsTwo,
            "needs a value for temperature and alpha \\(set attention.core.temperature and attention.core.alpha",
        ),
        (NeverBegun, r"NeverBegun isn't a module yet .*write super\(\).__init__\(\) first in its __init__"),
        (
            of_heads,
            r"a core must be a class, .* got the function \S+of_heads of q, k, v \(give the class itself, in YAML ",
        ),
        (NoModule, r"NoModule must be a torch.nn.Module.*write class NoModule\(nn.Module\)"),
    ],
)
def test_what_lacks_a_part_is_refused_when_it_is_built(core, said):
    with pytest.raises(ValueError, match=said):
        build(core)


def test_what_is_whole_is_built():
    x = torch.randn(3, 5, 6)
    for core in (Whole, ScaledDotAttention, makes_whole):
        assert build(core)(x).shape == x.shape


def test_what_gives_no_heads_is_named():
    with pytest.raises(ValueError, match=r"forward of GivesTwo must give \(B, H, Tq, Dh\), got a tuple"):
        build(GivesTwo)(torch.randn(3, 5, 6))


class BeginsLate(Whole):
    def __init__(self, *, num_heads, head_dim, role, max_length, dropout):
        self.linear = nn.Linear(2, 2)


@pytest.mark.parametrize(
    "core, said",
    [
        ("additive", r"^core must be a class, got 'additive' \(write attnlab\.build_attention\('additive', \.\.\."),
        (None, r"^core must be a class, got None \(give the class of a mechanism"),
        (5, r"^core must be a class, got 5 "),
        (nn.Identity(), r"^core must be a class, got an instance of Identity \(give the class\)$"),
        (dict, r"^core must be a class, got <class 'dict'>"),
        (len, r"^core must be a class, got <built-in function len>"),
        (lambda: None, r"^a core must be a class, or a function that makes one of num_heads, .* of nothing \("),
        (lambda **given: 5, r"^core must make a mechanism, a torch\.nn\.Module, got 5 "),
        (
            BeginsLate,
            r"^AttributeError: cannot assign module before .* \(BeginsLate\.__init__, test_core_checks\.py line \d+; "
            r"write super\(\)\.__init__\(\) first in its __init__\)$",
        ),
    ],
)  # fmt: skip
def test_what_is_no_class_of_a_mechanism_is_told_what_to_give(core, said):
    with pytest.raises(ValueError, match=said):
        MultiHeadAttention(12, num_heads=3, core=core, role="self", max_length=7)


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"dim": "12"}, "dim must be a whole number, got '12' "),
        ({"num_heads": 3.0}, r"num_heads must be a whole number, got 3\.0"),
        ({"max_length": "7"}, "max_length must be a whole number, got '7'"),
        ({"num_kv_heads": 1.0}, "num_kv_heads must be a whole number"),
        ({"key_dim": True}, "key_dim must be a whole number, got True"),
        ({"num_extra": None}, "num_extra must be a whole number, got None"),
        ({"dropout": None}, r"dropout must lie in \[0, 1\), got None"),
    ],
)
def test_a_size_that_is_no_number_is_told_by_its_name(changed, said):
    given = {"dim": 12, "num_heads": 3, "core": Whole, "role": "self", "max_length": 7} | changed
    with pytest.raises(ValueError, match=f"^{said}"):
        MultiHeadAttention(**given)


def test_what_the_shell_gives_its_core_is_given_there_alone() -> None:
    with pytest.raises(ValueError, match=r"^dropout is what the shell gives its core, got 0.1 for the core its"):
        MultiHeadAttention(8, core=partial(ScaledDotAttention, dropout=0.1), num_heads=2, role="self", max_length=4)
