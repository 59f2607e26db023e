"""What a configuration's file says: every comment where it belongs, in both languages."""

from pathlib import Path

import pytest
from omegaconf import DictConfig, OmegaConf

from attnlab.config.conf_path import conf_dir
from attnlab.config.described import Head, described, head_of, head_of_target

TEXT = """\
# @package _global_
# What it is (Zig et al., 2031). And
# more of it.
# zh: 它是什么。还有更多。
# family: controls
# attnlab train data=zig data.root=DIR
#
# cost     3 minutes, so
#          long
# zh: 代价  3 分钟
defaults:
  - base   # not a key
_target_: zig.Zag
data:   # of all
        # kinds
  # Above its key,
  # in two lines.
  # zh: 在键的上方
  first: 3
  second: [1, "#2"]   # a list, which holds no comment,
                      # and its comment goes on
                      # zh: 一个列表
  third:
    - a
    - b   # within
  # Of the fourth alone.
  fourth: ${data.first}
last: "a # b"  # text
"""


def test_every_comment_is_at_its_key(tmp_path: Path) -> None:
    path = tmp_path / "zig.yaml"
    path.write_text(TEXT, encoding="utf-8")
    found = described(path)
    assert found.is_global
    assert found.target == "zig.Zag"
    assert found.defaults == ("base",)
    assert {key.name: (key.default, key.said.en, key.said.zh) for key in found.keys} == {
        "data": ("", "of all kinds", ""),
        "data.first": ("3", "Above its key, in two lines.", "在键的上方"),
        "data.second": ('[1, "#2"]', "a list, which holds no comment, and its comment goes on", "一个列表"),
        "data.third": ("[a, b]", "", ""),
        "data.fourth": ("${data.first}", "Of the fourth alone.", ""),
        "last": ('"a # b"', "text", ""),
    }
    assert found.keys[1].said.text("zh") == "在键的上方"
    assert found.keys[-1].said.text("zh") == "text"


def test_a_head_is_in_sentences_and_lines_apart() -> None:
    head = head_of(TEXT)
    assert head.en == (
        "What it is (Zig et al., 2031). And more of it.",
        "family: controls",
        "attnlab train data=zig data.root=DIR",
        "cost     3 minutes, so long",
    )
    assert head.first("en") == "What it is (Zig et al., 2031)."
    assert head.first("zh") == "它是什么。"
    assert head.paragraphs("zh") == ("它是什么。还有更多。", "类别：对照组", head.en[2], "代价  3 分钟")
    assert head_of("# A.\n# zh: 甲。\n# cost  1 s\na: 1\n").paragraphs("zh") == ("甲。", "代价  1 s")
    assert head_of("a: 1\n# no head\n").en == ()


def _leaves(node: object, prefix: str = "") -> set[str]:
    if isinstance(node, DictConfig) and node:
        own = [key for key in node if not str(key).startswith("_")]
        return {leaf for key in own for leaf in _leaves(node._get_node(key), f"{prefix}.{key}")}
    return {prefix[1:]}


@pytest.mark.parametrize("path", sorted(conf_dir().rglob("*.yaml")), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_key_of_every_file_is_found(path: Path) -> None:
    config = OmegaConf.load(path)
    assert isinstance(config, DictConfig)
    config.pop("defaults", None)
    found = described(path)
    flow = {key.name for key in found.keys if key.default.startswith("{")}
    expected = {next((each for each in flow if name.startswith(f"{each}.")), name) for name in _leaves(config)}
    assert {key.name for key in found.keys if key.default} == expected - {""}


def test_a_class_is_told_by_the_file_of_that_name_before_others_that_make_it(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text(f"# File {name}.\ncore:\n  _target_: x.Y\n")
    for name, said in (("b", "File b."), ("c", "File a.")):
        head = head_of_target(tmp_path, "x.Y", name=name)
        assert head is not None
        assert head.first("en") == said
    assert head_of_target(tmp_path, "x", name="a") is None


def test_the_path_that_a_page_writes_above_a_file_is_no_description() -> None:
    assert head_of("# my_configs/attention/nearest.yaml\n_target_: my_package.Nearest\n") == Head((), ())
    assert head_of("# a/b.yaml\n# What it is.\n").first("en") == "What it is."
