"""`attnlab check`: a sound mechanism passes, and each fault fails in the check that names it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from own_parts import Crashes, LeaksMaskedKeys, MapsLie, NaNOnEmptyRows, NormsOverTheBatch, NotCausal
from torch import nn

from attnlab.attention.conformance import checks as conformance
from attnlab.attention.conformance.shell import SIBLING_CHECKS
from attnlab.commands import cli
from attnlab.commands.check.chinese import CHECKS
from attnlab.commands.check.command import _lines
from attnlab.commands.check.meanings import MEANINGS
from attnlab.commands.check.suite import Outcome, Report
from attnlab.commands.check.target import Target
from attnlab.feature_attention.conformance import checks as feature_conformance
from attnlab.reporting.terminal.text import display_width


def check(capsys: pytest.CaptureFixture[str], status: int, *arguments: str) -> dict[str, Any]:
    assert cli.main(["check", *arguments, "--json"]) == status
    (line,) = capsys.readouterr().out.splitlines()
    report: dict[str, Any] = json.loads(line)
    assert report["passed"] == (status == 0)
    return report


def failing(report: dict[str, Any]) -> set[str]:
    return {each["check"] for each in report["checks"] if not each["passed"]}


def test_a_sound_mechanism_passes_every_check_in_every_role(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 0, "own_parts.Good")
    assert report["contract"] == "attention"
    assert report["serves"] == ["self", "causal", "cross"]
    assert report["refuses"] == {}
    expected = [(each.__name__, role) for each in conformance.CHECKS for role in ("self", "causal", "cross")]
    assert [(each["check"], each["role"]) for each in report["checks"]] == expected


@pytest.mark.parametrize(
    "fault, named, roles",
    [
        (LeaksMaskedKeys, "masked_keys_do_not_leak", ["self", "causal", "cross"]),
        (NormsOverTheBatch, "rows_sum_to_one", ["self", "causal", "cross"]),
        (NotCausal, "the_future_does_not_leak", ["causal"]),
        (NaNOnEmptyRows, "nothing_to_attend_gives_zeros", ["self", "causal", "cross"]),
        (MapsLie, "forward_is_weights_combined", ["self", "causal", "cross"]),
        (Crashes, "forward_is_weights_combined", ["self", "causal", "cross"]),
    ],
)
def test_each_fault_fails_in_the_check_that_names_it(
    capsys: pytest.CaptureFixture[str], fault: type, named: str, roles: list[str]
) -> None:
    report = check(capsys, 1, f"own_parts.{fault.__name__}")
    found = [each for each in report["checks"] if each["check"] == named and not each["passed"]]
    assert [each["role"] for each in found] == roles
    assert all(each["message"] and each["meaning"] == MEANINGS[named] for each in found)
    if fault is Crashes:
        assert "it breaks: RuntimeError: " in found[0]["message"]
        assert "(own_parts.py, line " in found[0]["message"]
        assert len(report["checks"]) == 3  # no other check says the same again
    else:
        assert "what_is_not_used_does_not_matter" not in failing(report)


def test_the_text_is_a_table_and_says_what_a_failure_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "own_parts.NotCausal"]) == 1
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 100
    assert text.startswith("own_parts.NotCausal doesn't keep the contract of attention (attnlab.attention.core.Core)\n")
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "self causal cross" in rows
    assert "the future does not leak pass FAIL pass" in rows
    assert "rows sum to one pass pass pass" in rows
    assert "the future does not leak: FAIL\n  In the causal role a query sees what comes after it" in text
    assert "    causal: query 0 of 7 over 7 keys sits at 0 but what comes later changes it" in text
    assert text.splitlines()[-1].endswith(" of 81 checks fail")


@pytest.mark.parametrize(
    "broken, said",
    [
        ("Crashes", "can't be used, and no further check is tried: it breaks: RuntimeError: "),
        ("LosesHeads", "is tried: `weights` must give (B, H, Tq, Tk), here (2, 3, 7, 7), got (2, 7, 7)\n"),
        ("GivesAPair", "and no further check is tried: `forward` must give (B, H, Tq, Dh), got a tuple\n"),
        ("DividesByZero", "is tried: `weights` is nan for ordinary inputs (look at what it divides by, or takes the"),
        (
            "MovesItself",
            "on your system (own_parts.py, line 86); it puts a tensor on a device itself: drop .cuda(), .to()",
        ),
        ("LosesChannels", "`forward` must give (B, C, H, W) as it came in, here (3, 53, 5, 7), got (3, 5, 7)"),
    ],
)
def test_what_cant_be_used_at_all_is_one_line(capsys: pytest.CaptureFixture[str], broken: str, said: str) -> None:
    assert cli.main(["check", f"own_parts.{broken}"]) == 1
    printed = capsys.readouterr().out
    assert said in printed
    assert printed.count("\n") == 1


def test_what_breaks_in_one_role_is_checked_in_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "own_parts.BreaksInCross"]) == 1
    printed = capsys.readouterr().out
    assert "pass    pass    -\n" in printed
    assert printed.count("ZeroDivisionError") == 1
    assert printed.endswith("1 of 55 checks fail; none (-) where it can't be used at all\n")


def test_one_crash_of_many_checks_is_told_once() -> None:
    crash = "it breaks: KeyError: 'oops' (mine.py, line 11)"
    names = [each.__name__ for each in conformance.CHECKS[:4]]
    said = [crash, crash, "rows sum to 2", crash]
    outcomes = [
        Outcome(name, role, text) for name, text in zip(names, said, strict=True) for role in ("self", "causal")
    ]
    report = Report(Target("mine.Mine", "attention", nn.Module, nn.Module), outcomes, ["self", "causal"])
    told = " ".join(" ".join(_lines(report)).split())
    first, second, third, fourth = (name.replace("_", " ") for name in names)
    assert told.count(crash) == 1
    assert f"{third}: FAIL {' '.join(MEANINGS[names[2]].split())} self, causal: rows sum to 2" in told
    assert f"It breaks as in {first}, and can't be judged before that is mended: {second}, {fourth}" in told
    assert told.endswith("8 of 8 checks fail")


def test_a_refused_role_is_listed_with_its_reason(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 0, "own_parts.OnlySelf")
    assert report["serves"] == ["self"]
    assert report["refuses"] == {"causal": "can't serve causal, alas", "cross": "can't serve cross, alas"}
    assert {each["role"] for each in report["checks"]} == {"self"}
    assert cli.main(["check", "own_parts.OnlySelf"]) == 0
    assert "  cross is refused: can't serve cross, alas\n" in capsys.readouterr().out


def test_a_class_on_feature_maps_is_told_by_its_contract(capsys: pytest.CaptureFixture[str]) -> None:
    report = check(capsys, 0, "own_parts.GoodOnMaps", "--set", "sharpness=0.5")
    assert report["contract"] == "feature_attention"
    assert [each["check"] for each in report["checks"]] == [each.__name__ for each in feature_conformance.CHECKS]
    assert failing(check(capsys, 1, "own_parts.MixesImages")) >= {"images_do_not_see_each_other"}
    assert cli.main(["check", "own_parts.MixesImages"]) == 1
    assert "images do not see each other: FAIL\n  An image's result depends on the others" in capsys.readouterr().out


@pytest.mark.parametrize("target", ["alibi", "axial", "feature_attention/se"])
def test_shipped_mechanisms_pass_by_name(capsys: pytest.CaptureFixture[str], target: str) -> None:
    report = check(capsys, 0, target)
    assert list(report["refuses"]) == (["cross"] if target == "alibi" else [])


def test_a_yaml_file_and_a_name_in_ones_own_folder_are_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("mine/attention/warm.yaml")
    path.parent.mkdir(parents=True)
    core = "core:\n  _target_: own_parts.Good\n  _partial_: true\n  temperature: {}\n"
    path.write_text("defaults: [_shell, _self_]\n" + core.format(5.0))
    Path("warm.py").write_text("1 / 0\n")  # as who keeps both in a folder may name it
    by_file, by_name = check(capsys, 0, str(path)), check(capsys, 0, "warm", "--config-dir", "mine")
    assert by_file["checks"] == by_name["checks"]
    for target in (["mine/attention/warm.yaml"], ["warm", "--config-dir", "mine"]):
        assert cli.main(["check", *target, "--set", "temperature=-1.0"]) == 2
        assert "temperature must be above 0, got -1.0" in capsys.readouterr().err
    path.write_text("defaults: [_shell, _self_]\n" + core.format(-2.0))
    assert cli.main(["check", "warm", "--config-dir", "mine"]) == 2
    assert "temperature must be above 0, got -2.0" in capsys.readouterr().err


BUILT_WITH = (
    "every mechanism is built with num_heads, head_dim, role, max_length, dropout (attnlab.attention.core.Core)"
)


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ([], "attnlab check needs TARGET, "),
        (["nosuch_package.Mine"], "no module is named 'nosuch_package', wanted for nosuch_package.Mine"),
        (["own_parts.Goood"], "own_parts has no 'Goood' (did you mean Good?)"),
        (["own_parts.a_function"], "own_parts.a_function must be a class, got a partial"),
        (["own_parts.NotAModule"], "own_parts.NotAModule must be a torch.nn.Module"),
        (["unreadable_module.Mine"], "unreadable_module can't be imported: SyntaxError: "),
        (["unreadable_module.Mine"], "(unreadable_module.py, line 2)"),
        (["failing_module.Mine"], "failing_module can't be imported: ZeroDivisionError: division by zero"),
        (["failing_module.Mine"], "(failing_module.py, line 1)"),
        (["lacking_module.Mine"], "No module named 'nosuch_dependency' (lacking_module.py, line 1)"),
        (["aditive"], "no mechanism is named 'aditive' (did you mean additive?)"),
        (["own_parts:Goood"], "own_parts has no 'Goood' (did you mean Good?)"),
        (["lying_here"], "got the file lying_here (write lying_here.First or lying_here.Second)"),
        (["lying_here.py"], "got the file lying_here.py (write lying_here.First or lying_here.Second)"),
        (
            ["calendar.Mine"],
            "calendar has no 'Mine': calendar.py is hidden by another module of its name, Python's own",
        ),
        (
            ["mine/attention/bare.yaml"],
            "a class is named with its module, got 'Good' in mine/attention/bare.yaml (write ",
        ),
        (["mine/attention/colon.yaml"], "a class is named with dots, got own_parts:Good in mine/attention/colon.yaml "),
        (
            ["mine/attention/made.yaml"],
            "attention.core is made once the rest is known, so it must have _partial_: true",
        ),
        (["attention/se"], "no mechanism is named 'attention/se'"),
        (["nowhere.yaml"], "no such file, got nowhere.yaml"),
        (["stray.yaml"], "a mechanism's file lies in DIR/attention/NAME.yaml"),
        (["mine/attention/blank.yaml"], "got core alone (begin mine/attention/blank.yaml with defaults: [_shell, "),
        (["mine/attention/astray.yaml"], "no module is named 'nosuch_package', wanted for mine/attention/astray.yaml"),
        (["additive", "--config-dir", "nowhere"], "no such folder, got nowhere (set --config-dir)"),
        (["own_parts.Good", "--set", "temperature"], "an argument is KEY=VALUE, got 'temperature' (set --set)"),
        (["own_parts.Good", "--set", "temprature=1"], "Good takes no 'temprature' (did you mean temperature?)"),
        (["own_parts.Good", "--set", "temperature=0"], "temperature must be above 0, got 0"),
        (["own_parts.Good", "--set", "temperature=hot"], "temperature must be a number, got 'hot' (set --set temp"),
        (["own_parts.Zebra"], "own_parts has no 'Zebra'; it has Good, LeaksMaskedKeys, "),
        (["own_parts.NeedsAValue"], "NeedsAValue needs a value for sharpness (--set sharpness=VALUE)"),
        (["./nosuch_module.py"], "no such file, got nosuch_module.py (a class of your own is named my_package."),
        (["folder/nosuch"], "no such file, got folder/nosuch (a class of your own is named my_package."),
        (["./lying_here.py"], "got the file lying_here.py (write lying_here.First or lying_here.Second)"),
        (
            ["softmax"],
            "no mechanism is named 'softmax': what is mostly called so is scaled_dot here (write scaled_dot)",
        ),
        (["own_parts.NoMaxLength"], f"the constructor of NoMaxLength must take max_length: {BUILT_WITH}"),
        (["own_parts.NoMaxSize"], "the constructor of NoMaxSize must take max_size: "),
        (["own_parts.NoConstructor"], "got an unexpected keyword argument 'num_heads'"),
        (["own_parts.ConstructorCrashes"], "can't be built for the role self: AttributeError: "),
        (["own_parts.ConstructorCrashes"], "(own_parts.py, line "),
        (["own_parts.PlainError"], "no crossing (raise attnlab.attention.RoleError for a role that can't be served)"),
        (["own_parts.ServesNothing"], "ServesNothing serves no role: self: not self; causal: not causal; cross: "),
        (["own_parts.NoWeights"], "NoWeights misses `weights`: a method"),
        (["own_parts.NoCombine"], "NoCombine misses `combine`: a method"),
        (["own_parts.NoForward"], "NoForward misses `forward`: a method"),
        (["own_parts.NoUses"], "NoUses misses `uses`: a frozenset"),
        (["own_parts.WrongProperties"], "`properties` of WrongProperties must be an attnlab.attention."),
        (
            ["own_parts.WantsAMask"],
            "WantsAMask.weights must take key_mask and bias, which the shell gives it, got (q, k, mask) (write def "
            "weights(self, q, k, *, key_mask=None, bias=None))",
        ),
        (
            ["own_parts.WantsAScale"],
            "WantsAScale.combine must need nothing but weights, v, got (weights, v, scale) (write def combine(self, "
            "weights, v))",
        ),
        (
            ["own_parts.WantsAMaskOfMaps"],
            "WantsAMaskOfMaps.weights must need nothing but x, got (x, mask) (write def weights(self, x))",
        ),
        (
            ["mistyping_module.Mine"],
            "TypeError: Properties has no 'smoth' (did you mean smooth?); it has rows_sum_to_one, non_negative, "
            "permutation_equivariant, smooth, tolerance, takes_bias (mistyping_module.py, line 2)",
        ),
        (["own_parts.NeitherContract"], "own_parts.NeitherContract isn't built as a mechanism is: it takes "),
    ],
)
def test_a_mistake_is_one_line(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: list[str],
    expected: str,
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    Path("unreadable_module.py").write_text("class Mine:\n    def (\n")
    Path("failing_module.py").write_text("1 / 0\n")
    Path("lacking_module.py").write_text("import nosuch_dependency\n")
    Path("lying_here.py").write_text("1 / 0\nclass First: pass\nclass Second: pass\n")
    Path("mistyping_module.py").write_text("from attnlab.attention import Properties\nProperties(smoth=False)\n")
    Path("calendar.py").write_text("class Mine: pass\n")
    Path("stray.yaml").write_text("_target_: own_parts.Good\n")
    Path("mine/attention").mkdir(parents=True)
    Path("mine/attention/blank.yaml").write_text("core:\n  temperature: 2.0\n")
    core = "defaults: [_shell, _self_]\ncore:\n  _target_: "
    Path("mine/attention/colon.yaml").write_text(f"{core}own_parts:Good\n  _partial_: true\n")
    Path("mine/attention/bare.yaml").write_text(f"{core}Good\n  _partial_: true\n")
    Path("mine/attention/made.yaml").write_text(f"{core}own_parts.Good\n")
    Path("mine/attention/astray.yaml").write_text(f"{core}nosuch_package.Mine\n  _partial_: true\n")
    assert cli.main(["check", *arguments]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert expected in error
    assert "RoleError" not in error or arguments == ["own_parts.PlainError"]


def test_a_class_may_be_named_after_a_colon(capsys: pytest.CaptureFixture[str]) -> None:
    for spelt in ("own_parts:NoCombine", "own_parts.py:NoCombine"):
        assert cli.main(["check", spelt]) == 2
        assert "NoCombine misses `combine`" in capsys.readouterr().err


def test_every_check_of_all_suites_has_a_meaning() -> None:
    checks = (*conformance.CHECKS, *SIBLING_CHECKS, *feature_conformance.CHECKS)
    assert set(MEANINGS) == {check.__name__ for check in checks}


def test_every_check_has_a_chinese_name_and_meaning_and_keeps_what_is_written_as_code() -> None:
    assert list(CHECKS) == list(MEANINGS)
    assert len({each.name for each in CHECKS.values()}) == len(CHECKS)
    for name, meaning in MEANINGS.items():
        written = [sorted(re.findall(r"`.*?`|[a-z_]+=False", said)) for said in (meaning, CHECKS[name].meaning)]
        assert written[0] == written[1]


@pytest.mark.usefixtures("in_chinese")
def test_the_table_and_what_a_failure_means_are_in_chinese_where_that_is_wanted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["check", "own_parts.NotCausal"]) == 1
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert max(map(display_width, lines)) <= 100
    assert lines[0] == "own_parts.NotCausal 不符合 attention 的约定（attnlab.attention.core.Core）"
    rows = [" ".join(line.split()) for line in lines]
    assert "未来不泄漏 通过 未通过 通过" in rows
    assert "未来不泄漏：未通过\n  用在 causal 时，查询看到了它后面的内容" in text
    assert re.fullmatch(r"81 项检查中有 \d+ 项未通过", lines[-1])
    [header] = [line for line in lines if line.split() == ["self", "causal", "cross"]]
    [row] = [line for line in lines if "未来不泄漏  " in line]
    assert display_width(row[: row.index("未通过")]) == header.index("causal")


@pytest.mark.usefixtures("in_chinese")
@pytest.mark.parametrize(
    "mechanism, status, said",
    [
        ("own_parts.OnlySelf", 0, "  不用于 cross：程序报告：“can't serve cross, alas”\n"),
        ("own_parts.OnlySelf", 0, "项检查全部通过（不适用的算通过）\n"),
        ("own_parts.Crashes", 1, "own_parts.Crashes 不能使用，不再作其他检查：运行出错：“RuntimeError: "),
        ("own_parts.BreaksInCross", 1, "55 项检查中有 1 项未通过；完全不能使用之处不检查（-）\n"),
    ],
)
def test_whatever_a_mechanism_comes_to_is_said_in_chinese(
    capsys: pytest.CaptureFixture[str], mechanism: str, status: int, said: str
) -> None:
    assert cli.main(["check", mechanism]) == status
    assert said in capsys.readouterr().out


def test_a_mistyped_name_is_answered_before_torch_is_loaded() -> None:
    code = (
        "import sys; from attnlab.commands.cli import main\n"
        "for arguments in (['--nosuch'], ['x', '--set', 'y'], ['additive', '--config-dir', 'nowhere']):\n"
        "    assert main(['check', *arguments]) == 2, arguments\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
