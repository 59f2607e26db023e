"""Mechanisms for a module of one's own: all of them, with their options, and what they refuse."""

import copy
import re
from pathlib import Path
from typing import Any, get_args

import pytest
import torch
from torch import nn

import attnlab
from attnlab.attention import DotAttention, MultiHeadAttention, Role
from attnlab.config.compose import options

MECHANISMS = options("attention")
ON_MAPS = options("feature_attention")
GRID: dict[str, Any] = {"grid": (2, 3), "num_extra": 1}
ON_A_GRID = dict.fromkeys(("axial_rotary", "mixed_rotary", "neighbourhood", "swin"), GRID)
SIZES: dict[str, Any] = {"dim": 12, "num_heads": 3, "max_length": 11}


@pytest.mark.parametrize("name", MECHANISMS)
def test_each_serves_the_roles_that_it_can_and_refuses_the_others_in_one_line(name: str) -> None:
    served = 0
    for role in get_args(Role):
        try:
            attention = attnlab.build_attention(name, role=role, **SIZES, **ON_A_GRID.get(name, {})).eval()
        except attnlab.UserError as error:
            refusal = str(error)
        else:
            refusal = ""
        if refusal:
            assert f"got role {role}" in refusal
            continue
        served += 1
        query, key = torch.randn(2, 7, 12), torch.randn(2, 7 if role != "cross" else 5, 12)
        mask = torch.ones(2, key.size(1), dtype=torch.bool)
        mask[0, -1] = False
        output, weights = attention.attend(query, key, key_mask=mask)
        assert output.shape == (2, 7, 12)
        assert weights.shape == (2, 3, 7, key.size(1))
    assert served


@pytest.mark.parametrize("name", ON_MAPS)
def test_each_on_feature_maps_keeps_their_form(name: str) -> None:
    x = torch.randn(2, 16, 6, 7)
    module = copy.deepcopy(attnlab.build_feature_attention(name, channels=16, attention="cosine"))
    assert module(x).shape == x.shape
    assert module(x=x).shape == x.shape
    for other in (x[:, :8], x[0], x.movedim(1, -1)):
        with pytest.raises(ValueError, match=r"x must be maps \(B, C, H, W\) of 16 channels, got"):
            module(other)
    with pytest.raises(ValueError, match=r"x must be of floats, got torch\.uint8"):
        module(x.byte())


def test_options_reach_their_constructors() -> None:
    attention = attnlab.build_attention("local", role="self", window=5, num_kv_heads=1, dropout=0.3, **SIZES)
    assert attention.num_kv_heads == 1
    assert attention.dropout == 0.3
    weights = attention.eval().attend(torch.randn(1, 11, 12))[1]
    assert int((weights > 0).sum(-1).max()) == 5
    latent = attnlab.build_attention("latent", role="self", latent_dim=4, **SIZES)
    assert latent.project(torch.randn(1, 3, 12)).k.shape == (1, 1, 3, 4)


@pytest.mark.parametrize(
    "name, changed, said",
    [
        ("aditive", {}, "no attention is named 'aditive' (did you mean additive?)"),
        ("cbam", {}, "cbam is a mechanism of another kind, feature_attention (use build_feature_attention)"),
        (
            "local",
            {"windw": 5},
            "local takes no 'windw' (did you mean window?); it takes window, dropout, num_kv_heads (write window=5)",
        ),
        ("local", {"window": 4}, "got 4 (set window)"),
        ("local", {"kdim": 5}, "local takes no 'kdim': what is called so elsewhere is key_dim here (write key_dim=5)"),
        ("latent", {"embed_dim": 5}, "what is called so elsewhere is dim here (write dim=5)"),
        ("local", {"num_key_value_heads": 1}, "(write num_kv_heads=1)"),
        ("local", {"batch_first": True}, "local takes no 'batch_first': inputs are (B, T, D) always"),
        ("local", {"is_causal": True}, "local takes no 'is_causal': write role=\"causal\""),
        ("local", {"dtype": torch.float64}, "local takes no 'dtype': write build_attention(...).to(dtype)"),
        ("local", {"window": "5"}, "window must be a whole number, got '5'"),
        ("local", {"window": torch.ones(1)}, "window must be a plain value"),
        ("additive", {"dim": 13}, "got dim 13 and 3 heads (set dim to 12 or 18, or num_heads)"),
        ("additive", {"role": "bidirectional"}, "role must be one of self, causal, cross, got 'bidirectional'"),
        ("aditive", {}, "is named 'aditive' (did you mean additive?) (set name; attnlab list attention names all)"),
        ("additive", {"role": "Cross"}, "got 'Cross' (did you mean cross?) (set role)"),
        ("additive", {"role": "decoder"}, "got 'decoder' (did you mean causal?) (set role)"),
        ("swin", {"role": "causal"}, "got role causal (set role)"),
        ("swin", {}, "this model has a line (set grid=(HEIGHT, WIDTH), such as grid=(7, 7))"),
        ("AdditiveAttention", {}, "what is mostly called so is additive here (write name=additive)"),
        ("", {}, "name is needed, got nothing (choose from additive, "),
        ("dot", {"dim": 3 * 10**8}, "memory for the mechanism, got dim=300000000 where 3.35e+08 GiB more were asked"),
        ("dot", {"dim": 3 * 10**12}, "must be memory for the mechanism, got dim=3000000000000 (set dim)"),
        ("dot", {"dim": 3 * 10**25}, "must be memory for the mechanism, got dim=30000000000000000000000000 (set dim)"),
        ("synthesizer_random", {"max_length": 10**8}, "got max_length=100000000 where 1.12e+08 GiB more were asked"),
        (
            nn.Linear,
            {},
            "given by its name, got the class Linear (write attnlab.attention.MultiHeadAttention(dim, core=",
        ),
        (
            nn.Identity(),
            {},
            "given by its name, a text, got a Identity already made (attnlab list attention names all)",
        ),
        (None, {}, "given by its name, a text, got None"),
        ("additive", {"role": "cross", "key_dim": -1}, "key_dim must be 1 or more, got -1 (set key_dim)"),
        ("latent", {"role": "cross", "value_dim": 0}, "value_dim must be 1 or more, got 0 (set value_dim)"),
        ("additive", {"config_dirs": ["nosuch"]}, "no such folder, got nosuch"),
    ],
)
def test_what_cannot_be_is_said(name: Any, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(attnlab.UserError) as caught:
        attnlab.build_attention(name, **{**SIZES, "role": "self", **changed})
    assert said in str(caught.value)
    assert caught.value.__suppress_context__  # one exception, and none that it came from


@pytest.mark.parametrize("name", ["scaled_dot", "linformer", "latent"])
def test_the_greatest_length_holds_for_every_mechanism(name: str) -> None:
    attention = attnlab.build_attention(name, dim=12, num_heads=3, role="self", max_length=7)
    assert attention(torch.randn(2, 7, 12)).shape == (2, 7, 12)
    for given in ({"query": torch.randn(2, 8, 12)}, {"query": torch.randn(2, 5, 12), "key": torch.randn(2, 8, 12)}):
        with pytest.raises(ValueError, match=r"^inputs must be at most 7 long, got 8 \(set max_length\)$"):
            attention(**given)
        with pytest.raises(ValueError, match=r"^inputs must be at most 7 long, got 8 \(set max_length\)$"):
            attention.attend(**given)
    with pytest.raises(ValueError, match="at most 7 long, got 8 "):
        attention.project(torch.randn(2, 8, 12))
    grown = attention.project(torch.randn(2, 5, 12)).append(attention.project(torch.randn(2, 5, 12)))
    with pytest.raises(ValueError, match="at most 7 long, got 10 "):
        attention(torch.randn(2, 5, 12), kv=grown)


def test_one_of_ones_own_is_built_from_its_yaml(tmp_path: Path) -> None:
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "wide.yaml").write_text(
        "defaults: [_shell, _self_]\ncore: {_target_: attnlab.attention.LocalAttention, _partial_: true, window: 9}\n"
    )
    attention = attnlab.build_attention("wide", role="self", config_dirs=[tmp_path], **SIZES)
    weights = attention.eval().attend(torch.randn(1, 11, 12))[1]
    assert int((weights > 0).sum(-1).max()) == 9


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("_target_: own_flat.Flat\n_partial_: true\n", "attention must stand in the shell, got own_flat.Flat in its"),
        ("defaults: [_shell, _self_]\ncore: {_target_: own_flat.Flat, _partial_: true}\n", "Flat misses `weights`"),
    ],
)
def test_a_class_out_of_its_place_or_with_a_part_lacking_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, said: str
) -> None:
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "flat.yaml").write_text(text)
    given = "num_heads, head_dim, role, max_length, dropout"
    forward = "    def forward(self, q, k, v, *, key_mask=None, bias=None):\n        return v\n"
    constructor = f"    def __init__(self, *, {given}):\n        super().__init__()\n"
    (tmp_path / "own_flat.py").write_text(f"from torch import nn\n\nclass Flat(nn.Module):\n{constructor}{forward}")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(attnlab.UserError, match=said):
        attnlab.build_attention("flat", role="self", **SIZES, config_dirs=[tmp_path])


def test_what_could_run_anything_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "attention").mkdir()
    core = "defaults: [_shell, _self_]\ncore: {_target_: os.system, _partial_: true}\n"
    (tmp_path / "attention" / "bad.yaml").write_text(core)
    with pytest.raises(attnlab.UserError, match=r"^attention.core must be a class, got the function os\.system \("):
        attnlab.build_attention("bad", role="self", **SIZES, config_dirs=[tmp_path])


def test_counts_and_maps_that_do_not_fit_are_named() -> None:
    with pytest.raises(attnlab.UserError, match=r"max_length must be 1 or more, got 0 \(set max_length\)"):
        attnlab.build_attention("additive", role="self", **SIZES | {"max_length": 0})
    with pytest.raises(attnlab.UserError, match=r"channels must be 1 or more, got 0 \(set channels\)"):
        attnlab.build_feature_attention("cbam", channels=0)
    gate = attnlab.build_feature_attention("cbam", channels=16, reduction=4)
    with pytest.raises(ValueError, match=r"x must be torch.float32, .* got torch.float64"):
        gate(torch.zeros(2, 16, 3, 3, dtype=torch.float64))
    with pytest.raises(ValueError, match=r"takes x, got images \(write x=\)$"):
        gate(images=torch.zeros(2, 16, 3, 3))
    with pytest.raises(ValueError, match="x must be a tensor of torch, got list"):
        gate([1.0])


@pytest.mark.parametrize("name", ["scaled_dot", "latent"])
def test_arguments_of_torchs_own_attention_are_refused_with_ours(name: str) -> None:
    attention = attnlab.build_attention(name, dim=12, num_heads=3, role="self", max_length=7)
    x, mask = torch.randn(2, 7, 12), torch.ones(2, 7, dtype=torch.bool)
    for given, hint in {
        "attn_mask": "a mask of pairs goes in as bias=, -inf where a key may not be attended: torch.zeros(mask.shape)",
        "is_causal": 'build it with role="causal", and drop it',
        "need_weights": "write output, weights = attention.attend(query, ...)",
        "average_attn_weights": "write output, weights = attention.attend(query, ...) and weights.mean(1)",
        "key_padding_mask": "write key_mask=~key_padding_mask, which is True where a key may be attended",
        "foo": "a mask of keys goes in as key_mask=, True where a key may be attended",
    }.items():
        with pytest.raises(ValueError, match=rf"takes query, key, .*, got {given} \({re.escape(hint)}"):
            attention(x, **{given: mask})
    with pytest.raises(ValueError, match=r"got 4 arguments without a name \(a mask of keys goes in as key_mask="):
        attention(x, x, x, mask)


def test_the_greatest_size_of_a_map_has_two_sides() -> None:
    with pytest.raises(attnlab.UserError, match=r"^max_size must be a height and a width, got 8 \(set max_size="):
        attnlab.build_feature_attention("axial", channels=32, max_size=8)  # type: ignore[arg-type]


def test_an_argument_that_is_missing_or_without_its_name_is_named() -> None:
    build: Any = attnlab.build_attention
    with pytest.raises(
        attnlab.UserError, match=r"^build_attention needs max_length \(write max_length=...\); it takes name, "
    ):
        build("local", dim=6, num_heads=2, role="self", window=5)
    with pytest.raises(attnlab.UserError, match=r"^build_attention needs dim \(write dim=\.\.\. for embed_dim\)"):
        build("local", embed_dim=6, num_heads=2, role="self", max_length=5)
    with pytest.raises(
        attnlab.UserError, match=r"^build_attention takes arguments by their names, got too many without"
    ):
        build("local", 6, 2)
    with pytest.raises(attnlab.UserError, match=r"^attention must be a mechanism's name, a text, got <class"):
        attnlab.build_feature_attention("non_local", channels=6, attention=nn.Linear)  # type: ignore[arg-type]


def test_a_tensor_that_would_never_be_trained_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "hiding.py").write_text(
        "import torch\nfrom attnlab.attention import DotAttention\nclass Hides(DotAttention):\n"
        "    def __init__(self, **given):\n        super().__init__(**given)\n"
        "        self.gain = torch.ones(3, requires_grad=True)\n"
    )
    (tmp_path / "attention").mkdir()
    (tmp_path / "attention" / "hides.yaml").write_text(
        "defaults: [_shell, _self_]\ncore:\n  _target_: hiding.Hides\n  _partial_: true\n"
    )
    with pytest.raises(attnlab.UserError, match=r"^gain of Hides is a tensor .* self.gain = nn.Parameter\(...\)\)$"):
        attnlab.build_attention("hides", config_dirs=[tmp_path], role="self", **SIZES)


def test_a_mistake_in_building_is_a_user_error_and_one_in_a_call_a_value_error() -> None:
    assert not issubclass(attnlab.UserError, ValueError)
    assert not issubclass(ValueError, attnlab.UserError)
    with pytest.raises(attnlab.UserError):
        attnlab.build_attention("additive", role="self", **SIZES | {"dim": 13})
    with pytest.raises(ValueError, match="query must be"):
        attnlab.build_attention("additive", role="self", **SIZES)(torch.zeros(2, 7, 13))
    with pytest.raises(ValueError, match="got dim 13"):
        MultiHeadAttention(13, core=DotAttention, num_heads=3, role="self", max_length=7)
