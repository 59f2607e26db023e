"""`attnlab explain`: every number that it prints is right, for every mechanism that there is."""

import json
import math
import re
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from matplotlib.figure import Figure
from omegaconf import OmegaConf
from torch import Tensor, nn

from attnlab.attention import (
    AdditiveAttention,
    LatentAttention,
    LatentRotaryAttention,
    Places,
    Role,
    RoleError,
    ScaledDotAttention,
)
from attnlab.attention.core import with_side
from attnlab.attention.places import with_places
from attnlab.commands.explain import run
from attnlab.commands.explain.example import TUTORIAL, weighted_sum
from attnlab.commands.explain.making import builder
from attnlab.commands.explain.text import render as render_in
from attnlab.commands.explain.words import idea
from attnlab.commands.explain.worked import ROLES, Explanation, example_sides, explain
from attnlab.config.compose import load_group, options
from attnlab.errors import UserError
from attnlab.reporting.terminal.text import display_width


class Toy(nn.Module):
    """Weights in proportion to |q . k| + 1, without a softmax; refuses the given roles and odd widths if asked to."""

    uses = frozenset({"query", "key"})

    def __init__(
        self,
        *,
        num_heads: int,
        head_dim: int,
        role: Role,
        max_length: int,
        dropout: float,
        refused: tuple[Role, ...] = (),
        even: bool = False,
    ) -> None:
        super().__init__()
        if role in refused:
            raise RoleError(f"toys don't do {role}")
        if even and head_dim % 2:
            raise ValueError(f"head_dim must be even, got {head_dim}")
        self.causal = role == "causal"

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        counts = (q @ k.mT).abs() + 1
        return counts / counts.sum(-1, keepdim=True)

    def combine(self, weights: Tensor, v: Tensor) -> Tensor:
        return weights @ v + 1


class Backwards(Toy):
    """A softmax over masked scores: only the last key is allowed."""

    def weights(self, q: Tensor, k: Tensor) -> Tensor:
        scores = q @ k.mT
        scores[..., :-1] = torch.finfo(scores.dtype).min
        return scores.softmax(-1)


def render(explanation: Explanation) -> str:
    return render_in(explanation, language="en")


def softmax(scores: list[float]) -> list[float]:
    powers = [math.exp(score) for score in scores]
    return [power / sum(powers) for power in powers]


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert run([*arguments, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} isn't JSON")

    parsed: dict[str, Any] = json.loads(line, parse_constant=refuse)
    return parsed


def test_the_tutorials_examples_come_out_right(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (each["queries"][0] for each in shown(capsys, "attention=scaled_dot")["examples"])
    root = math.sqrt(2)
    by_hand = softmax([(0.9 + 0.8 * 0.1) / root, (0.8 + 0.8 * 0.2) / root, (0.7 + 0.8 * 0.9) / root])
    assert first["weights"] == pytest.approx(by_hand, abs=1e-12)
    assert [round(weight, 4) for weight in first["weights"]] == [0.2984, 0.2942, 0.4073]
    assert first["output"] == pytest.approx(
        [by_hand[0] + 0.9 * by_hand[1] + 0.8 * by_hand[2], 0.1 * by_hand[0] + 0.2 * by_hand[1] + 0.3 * by_hand[2]]
    )
    by_hand = softmax([(2 + 6 + 1) / math.sqrt(3), (2 + 3 + 2) / math.sqrt(3)])
    assert second["weights"] == pytest.approx(by_hand, abs=1e-12)
    assert [round(weight, 4) for weight in second["weights"]] == [0.7604, 0.2396]


def test_the_text_says_which_weights_are_right_and_that_the_tutorial_printed_others(
    capsys: pytest.CaptureFixture[str],
) -> None:
    run(["scaled_dot"])
    text = capsys.readouterr().out
    assert "Scaled dot-product attention weighs them [0.2984, 0.2942, 0.4073]" in text
    assert "Scaled dot-product attention weighs them [0.7604, 0.2396]" in text
    assert "without the division by √3 it\nwould be [0.8808, 0.1192]" in text
    assert "printed the weights [0.4761, 0.2678, 0.2561].\nNo scale gives those: the third key, 老鼠, has the" in text
    assert "printed the output [0.9529, 0.1797]; right is [0.8891, 0.2109]" in text
    assert "printed the weights [0.6225, 0.3775].\nThose are the softmax of scores that lie 0.5 apart" in text
    assert "猫    1 × 0.9 + 0.8 × 0.1  =  0.9800" in text
    assert "猫    0.9800 / 1.4142  =  0.6930" in text
    assert "猫    exp(0.6930)  =  1.9996" in text
    assert "猫    1.9996 / 6.7006  =  0.2984" in text


def test_learned_scores_follow_the_papers_formula() -> None:
    explanation = explain("additive", AdditiveAttention, TUTORIAL)
    torch.manual_seed(0)
    core = AdditiveAttention(num_heads=1, head_dim=2, role="cross", max_length=3, dropout=0.0)
    vector = core.vector.flatten().tolist()
    query = explanation.examples[0].queries[0]
    by_hand = [
        sum(u * math.tanh(a + b) for u, a, b in zip(vector, TUTORIAL[0].query, key, strict=True))
        for key in TUTORIAL[0].keys
    ]
    assert query.scores == pytest.approx(by_hand)
    assert query.weights == pytest.approx(softmax(by_hand))
    assert "seed 0" in render(explanation)
    assert "seed" not in render(explain("scaled_dot", ScaledDotAttention, TUTORIAL))


NUMBER = r"-?\d+(?:\.\d+)?(?:e[-+]\d+)?"


def check_arithmetic(text: str) -> int:
    """Recompute each printed `a / b = c`, `exp(a) = b` and sum of products; the number of lines that were checked."""
    quotients = re.findall(rf"({NUMBER}) / ({NUMBER})\s+=\s+({NUMBER})", text)
    powers = re.findall(rf"exp\(({NUMBER})\)\s+=\s+({NUMBER})", text)
    products = re.findall(r"  (\S+ × .*?)\s+=\s+(" + NUMBER + ")", text)
    for a, b, c in quotients:
        assert float(c) == pytest.approx(float(a) / float(b), rel=2e-3, abs=1e-4)
    for a, b in powers:
        assert float(b) == pytest.approx(math.exp(float(a)), rel=2e-4, abs=1e-4)
    for terms, total in products:
        pairs = [term.split(" × ") for term in terms.split(" + ")]
        factors = [(float(a.strip("()")), float(b.strip("()"))) for a, b in pairs]
        rounding = 5e-5 * sum(abs(a) + abs(b) for a, b in factors)  # of factors with four decimals
        assert float(total) == pytest.approx(sum(a * b for a, b in factors), abs=1e-4 + rounding)
    return len(quotients) + len(powers) + len(products)


@pytest.mark.parametrize("name", options("attention"))
def test_every_mechanism_is_explained(name: str) -> None:
    explanation = explain(name, builder(load_group("attention", name)), TUTORIAL)
    assert any(worked.queries for worked in explanation.examples)
    for worked in explanation.examples:
        assert worked.queries or worked.refusal
        for query in worked.queries:
            assert all(map(math.isfinite, query.weights + query.output))
            if query.scores is not None:
                kept = [-math.inf if score is None else score for score in query.scores]
                assert query.weights == pytest.approx(softmax(kept))
            if query.output_is_sum:
                expected = weighted_sum(query.weights, (worked.projected or worked.example).values)
                assert query.output == pytest.approx(expected)
    check_arithmetic(render(explanation))
    chinese = render_in(explanation, language="zh", said="说明。")
    for worked in explanation.examples:
        chinese = chinese.replace(worked.refusal or "-", "")
    assert not re.findall(r"\b(?:the|of|its|which|weights)\b", chinese)
    *equations, _, cost = list(idea(explanation.idea, "说明。", "zh"))[2:]
    assert re.match("代价：时间 .+，内存 ", cost)
    for equation in equations:
        assert all(re.search("[=~<]", clause) for clause in re.split(r",\s{2,}", equation.rstrip(",")))


@pytest.mark.parametrize("name", options("attention"))
def test_the_last_step_is_the_output_of_the_mechanism_itself(name: str) -> None:
    """Of `forward`, which often goes another way than `weights` and `combine`."""
    factory = builder(load_group("attention", name))
    for role in ROLES:
        try:
            explanation = explain(name, factory, TUTORIAL, roles=[role])
        except ValueError:
            continue
        for worked in explanation.examples:
            if worked.role is not None:
                example = worked.example
                given = ([example.query] if role == "cross" else example.keys, example.keys, example.values)
                tensors = [torch.tensor(rows, dtype=torch.float64) for rows in given]
                last = torch.tensor([query.steps[-1].values for query in worked.queries], dtype=torch.float64)
                torch.testing.assert_close(last, _forward(name, factory, role, tensors, grid=example.grid))
        check_arithmetic(render(explanation))


def _forward(
    name: str, factory: Callable[..., nn.Module], role: Role, tensors: list[Tensor], *, grid: tuple[int, int] | None
) -> Tensor:
    """What the mechanism gives out for query, keys and values (T, Dh): (Tq, Dh)."""
    num_heads = 2 if name == "talking_heads" else 1
    torch.manual_seed(0)
    made = factory(
        num_heads=num_heads, head_dim=tensors[0].size(-1), role=role, max_length=len(tensors[1]), dropout=0.0
    )
    module = made.double().eval()
    if isinstance(module, LatentAttention | LatentRotaryAttention):
        return module(*(each[None] for each in tensors))[0].detach()
    heads = [each.expand(1, num_heads, -1, -1) for each in tensors]
    if num_heads == 2:
        heads[0] = torch.stack([tensors[0], tensors[0].flip(-1)])[None]
    side = example_sides(module, *(each[None, None] for each in tensors[:2]))
    told = with_side(side) | with_places(None if grid is None else Places((grid,)))
    output: Tensor = module(*heads, **told)
    return output[0, 0].detach()


def test_the_printed_arithmetic_is_found_and_right(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--query", "-1,2,0.5", "--keys", "3,-4,1;0.1,2,-7;0,0,0"])
    assert check_arithmetic(capsys.readouterr().out) == 3 * 4


def test_a_mechanism_without_a_softmax_shows_its_weights_and_an_output_of_its_own() -> None:
    explanation = explain("toy", Toy, TUTORIAL)
    query = explanation.examples[1].queries[0]
    assert query.scores is None
    assert query.weights == pytest.approx([10 / 18, 8 / 18])
    assert query.output == pytest.approx([2.0, 1 + 10 / 18 * 2 + 8 / 18, 1 + 10 / 18 + 8 / 18 * 2])
    text = render(explanation)
    assert "1. counts = (q @ k.mT).abs() + 1\n   apple   10.0000\n   orange  8.0000" in text
    assert "2. The weights, as the mechanism defines them" in text
    assert "3. The output, which here is more than the weighted sum of the values" in text
    assert "exp(" not in text


def test_a_role_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--keys=2;0;-1", "--values=3;5;7"]
    (worked,) = shown(capsys, "linear", "--role=causal", *arguments)["examples"]
    features = [3.0, 1.0, math.exp(-1)]  # elu(x) + 1
    assert worked["role"] == "causal"
    running = [query["steps"][2]["values"] for query in worked["queries"]]
    assert running == [pytest.approx([9]), pytest.approx([14]), pytest.approx([14 + 7 * features[2]])]
    outputs = [query["output"][0] for query in worked["queries"]]
    assert outputs == pytest.approx([3, 14 / 4, (14 + 7 * features[2]) / sum(features)])
    with pytest.raises(UserError, match="got role causal"):
        run(["linformer", "--role=causal"])


def test_masked_keys_are_called_masked() -> None:
    explanation = explain("backwards", Backwards, TUTORIAL)
    query = explanation.examples[1].queries[0]
    assert query.scores == [None, 7.0]
    assert query.weights == [0.0, 1.0]
    assert re.search(r"apple +exp\(masked\) += +0\.0000", render(explanation))


def test_where_it_cant_cross_the_keys_ask_each_other() -> None:
    explanation = explain("toy", partial(Toy, refused=("cross",)), TUTORIAL[:1])
    (worked,) = explanation.examples
    assert worked.role == "self"
    assert [query.label for query in worked.queries] == ["猫", "追逐", "老鼠"]
    assert worked.weights().shape == (3, 3)
    by_hand = [0.82 + 1, 0.74 + 1, 0.72 + 1]  # |猫 . each| + 1
    assert worked.queries[0].weights == pytest.approx([count / sum(by_hand) for count in by_hand])
    text = render(explanation)
    assert "can't attend to another sequence (toys don't do cross): the keys ask each other" in text
    assert "Query 追逐" in text
    assert explain("toy", partial(Toy, refused=("cross", "self")), TUTORIAL).examples[0].role == "causal"


def test_an_example_that_it_cant_work_is_named_and_the_others_are_worked() -> None:
    explanation = explain("toy", partial(Toy, even=True), TUTORIAL)
    assert [bool(worked.queries) for worked in explanation.examples] == [True, False]
    assert "This mechanism can't work it: head_dim must be even, got 3" in render(explanation)


def test_a_mechanism_that_can_work_none_is_refused_with_its_reason() -> None:
    with pytest.raises(ValueError, match="attention=toy can't be worked here: toys don't do cross"):
        explain("toy", partial(Toy, refused=("cross", "self", "causal")), TUTORIAL)


def test_what_a_mechanism_doesnt_read_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    run(["attention=uniform"])
    assert "It doesn't read the content of the key or the query." in capsys.readouterr().out


def test_chinese_labels_dont_push_columns_out_of_line(capsys: pytest.CaptureFixture[str]) -> None:
    run(["--query", "1,0.8", "--keys", "0.9,0.1;0.8,0.2;-70,0.9", "--labels", "猫,追逐着,a mouse"])
    lines = capsys.readouterr().out.splitlines()
    tables: list[list[str]] = [[]]
    for line in lines:
        if "  =  " in line:
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])
    assert [len(table) for table in tables if table] == [3, 3, 4, 3]
    for table in tables:
        assert len({display_width(line[: line.index("  =  ")]) for line in table}) <= 1


def test_numbers_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = [
        "--query",
        "-1，2",
        "--keys",
        "“3，-4；0.5，2”",
        "--values=1,0;0,1",
        "--labels",
        "“猫，狗”",
        "--query-label",
        "喜欢",
    ]
    explanation = shown(capsys, "attention=dot", *arguments)
    (worked,) = explanation["examples"]
    assert worked["example"]["labels"] == ["猫", "狗"]
    assert worked["queries"][0]["label"] == "喜欢"
    assert worked["queries"][0]["scores"] == pytest.approx([-11, 3.5])
    assert worked["queries"][0]["output"] == pytest.approx(softmax([-11, 3.5]))
    defaults = shown(capsys, "--query=1", "--keys=2;3;5")["examples"][0]["example"]
    assert defaults["values"] == defaults["keys"]
    assert defaults["labels"] == ["key 1", "key 2", "key 3"]


@pytest.mark.parametrize("typed", ["attention＝additive", "attention：additive", "attention:additive"])
def test_a_name_with_other_signs_is_told_how_it_is_written(typed: str) -> None:
    with pytest.raises(UserError, match=r"\(write attention=additive\)$"):
        run([typed])


def test_huge_scores_dont_overflow(capsys: pytest.CaptureFixture[str]) -> None:
    run(["attention=dot", "--query=1000", "--keys=1000;999;-1000"])
    text = capsys.readouterr().out
    assert "The exponential of each less the largest, which changes no weight" in text
    assert re.search(r"exp\(9\.990e\+05 - 1e\+06\) += +0\.0000", text)
    assert re.search(r"1\.0000 / 1\.0000 += +1\.0000", text)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["--query", "1,a", "--keys", "1,2"], "got '1,a' (set --query)"),
        (["--query", "1,2", "--keys", "1,2;3"], "must have the query's 2 numbers, got 1 in 3 (set --keys)"),
        (["--query", "1,2", "--keys", "1,2;;3,4"], "got '' (set --keys)"),
        (["--query", "1,nan", "--keys", "1,2"], "got '1,nan' (set --query)"),
        (["--query", "1,1e7", "--keys", "1,2"], "numbers up to 1e+06"),
        (
            ["--query", "1,2", "--keys", "1,2", "--values", "1"],
            "must have the query's 2 numbers, got 1 in 1 (set --values)",
        ),
        (
            ["--query", "1,2", "--keys", "1,2", "--values", "1,2;3,4"],
            "one value for each of 1 keys, with semicolons between, got 2 (set --values)",
        ),
        (
            ["--query", "1,2", "--keys", "1,2", "--labels", "a,b"],
            "one label for each of 1 keys, with commas between, got 2 (set --labels)",
        ),
        (["--query", "1,2"], "needs --query and --keys, got only --query"),
        (["--keys", "1,2"], "needs --query and --keys, got only --keys"),
        (["--keys", "1,2"], "(or --role self or causal, where the keys ask each other)"),
        (["--query-label", "who"], "needs --query and --keys, got --query-label alone"),
        (["dot", "--query=1", "--keys=2", "--labels="], "got '' (set --labels)"),
        (["dot", "--role=self", "--values", "1"], "an example of your own needs --keys, got --values alone"),
        (["dot", "--role=self", "--keys", "1,2;3"], "must have the first key's 2 numbers, got 1 in 3 (set --keys)"),
        (
            ["dot", "--query=1,0", "--keys=1,0;0,1", "--role=causal"],
            "--query is for the role cross: in the role causal the keys ask each other, got --query 1,0 (drop it, or",
        ),
        (["dot", "--keys=1,0", "--query-label=who", "--role=self"], "--query-label is for the role cross: "),
        (["se", "--query=1,0", "--keys=1,0"], "got --query with feature_attention=se (drop it)"),
        (["se", "--query-label=who"], "is for attention=NAME, got --query-label with feature_attention=se (drop it)"),
        (["--role=self"], "--role is for a mechanism, got --role self without one (give its name)"),
        (["--out=maps"], "--out is for a mechanism, got --out maps without one (give its name)"),
        (["dot", "additive"], "one mechanism is explained at a time, got dot and additive of attention (give one)"),
        (["--labels", "猫"], "needs --query and --keys, got --labels alone"),
        (["--query"], "--query needs a value, got none: write --query NUMBERS (see attnlab explain --help)"),
        (["--nosuch"], "no such option of attnlab explain, got --nosuch"),
        (["dot", "--map", "e.png"], "no such option of attnlab explain, got --map (did you mean --out?)"),
        (["dot", "--rol=self"], "got --rol=self (did you mean --role?)"),
        (["task=ner"], "attention.KEY=VALUE, or feature_attention likewise, can be set here, got 'task=ner'"),
        (["attention=scaled_dto"], "did you mean scaled_dot?"),
        (["attention=scaled_dto"], "attnlab list attention"),
        (["attention.core.nosuch=1"], "attention.core.nosuch"),
        (["+attention.core.nosuch=1"], "nosuch"),
        (["attention.core._target_=nosuch.Attention"], "nosuch"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as error:
        run(arguments)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


class Doubling(nn.Module):
    """A sibling of the shell, which projects by doubling and tripling."""

    def __init__(self, dim: int, **arguments: Any) -> None:
        super().__init__()
        del arguments["num_heads"]
        self.core = Toy(num_heads=1, head_dim=dim, **arguments)

    def forward(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        output: Tensor = self.core(2 * query[:, None], 2 * key[:, None], 3 * value[:, None])
        return output

    def attend(self) -> None:
        """What a sibling has and a core hasn't."""


class Coreless(nn.Module):
    def __init__(self, dim: int, **arguments: Any) -> None:
        super().__init__()

    def attend(self) -> None: ...


@pytest.mark.parametrize("refused", [[], ["cross"]])
def test_a_mechanism_that_projects_by_itself_is_explained_by_what_reaches_its_core(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], refused: list[str]
) -> None:
    config = {"_target_": f"{__name__}.Doubling", "_partial_": True, "refused": refused}
    monkeypatch.setattr("attnlab.config.compose.load_group", lambda *_, **__: OmegaConf.create(config))
    monkeypatch.setattr(Toy, "forward", lambda self, q, k, v: self.combine(self.weights(q, k), v), raising=False)
    explanation = shown(capsys, "attention=latent")
    assert explanation["mechanism"] == "Doubling"
    worked = explanation["examples"][1]
    assert worked["example"]["keys"] == [[1, 2, 1], [1, 1, 2]]
    assert worked["projected"]["keys"] == [[2, 4, 2], [2, 2, 4]]
    assert worked["projected"]["values"] == [[3, 6, 3], [3, 3, 6]]
    if refused:
        assert [query["vector"] for query in worked["queries"]] == worked["projected"]["keys"]
        counts = [4 * 6 + 1, 4 * 5 + 1]  # the first key doubled, by each key doubled, and 1
    else:
        assert worked["queries"][0]["vector"] == [4, 6, 2]
        counts = [4 * 9 + 1, 4 * 7 + 1]
    weights = [count / sum(counts) for count in counts]
    assert worked["queries"][0]["weights"] == pytest.approx(weights)
    assert worked["queries"][0]["output"][0] == pytest.approx(1 + 3 * sum(weights))
    run(["attention=latent"])
    text = capsys.readouterr().out
    assert "It has projections of its own; projected they are" in text
    assert "key [2, 4, 2]" in text


def test_a_sibling_without_a_core_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"_target_": f"{__name__}.Coreless", "_partial_": True}
    monkeypatch.setattr("attnlab.config.compose.load_group", lambda *_, **__: OmegaConf.create(config))
    with pytest.raises(UserError, match="Coreless projects by itself and keeps no core to explain"):
        run(["attention=latent"])


def test_latent_attention_is_worked_through_its_own_projections(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(0)
    attention = LatentAttention(3, num_heads=1, role="cross", max_length=2).double()
    worked = shown(capsys, "attention=latent")["examples"][1]
    query, keys, values = (
        torch.tensor(rows, dtype=torch.float64) for rows in ([TUTORIAL[1].query], TUTORIAL[1].keys, TUTORIAL[1].values)
    )
    output, weights = attention.attend(query[None], keys[None], values[None])
    answer = worked["queries"][0]
    assert answer["weights"] == pytest.approx(weights.flatten().tolist())
    last = attention.heads.output_projection(torch.tensor(answer["output"], dtype=torch.float64))
    assert last.tolist() == pytest.approx(output.flatten().tolist())


def test_a_mechanisms_own_values_can_be_set(capsys: pytest.CaptureFixture[str]) -> None:
    sharp = shown(capsys, "attention=cosine", "attention.core.initial_sharpness=1000")["examples"][1]["queries"][0]
    blunt = shown(capsys, "attention=cosine", "attention.core.initial_sharpness=0.001")["examples"][1]["queries"][0]
    assert sharp["weights"][0] == pytest.approx(1.0)
    assert blunt["weights"][0] == pytest.approx(0.5, abs=1e-3)


def test_maps_go_where_they_are_wanted(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert shown(capsys, "scaled_dot")["maps"] == [
        f"outputs/explain/scaled_dot/explain_{number}.png" for number in (1, 2)
    ]
    assert shown(capsys, "attention=uniform", "--out", "here")["maps"] == ["here/explain_1.png", "here/explain_2.png"]
    assert (tmp_path / "here" / "explain_2.png").is_file()
    for name in ("dot", "se"):
        with pytest.raises(UserError, match=r"^here/explain_1\.png is a picture of another, attention=uniform, "):
            run([name, "--out", "here"])
    assert run(["uniform", "--out", "here"]) == 0, "its own are drawn again"


def test_maps_of_another_example_are_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    example = ["--query", "1,2", "--keys", "1,0;0,1", "--out", "here"]
    for given, said in (
        (["--out", "here"], ""),
        (["--out", "here"], ""),
        (example, "wrote over the earlier here/explain_1.png"),
    ):
        assert run(["scaled_dot", *given]) == 0
        told = capsys.readouterr().err
        assert (said in told) if said else not told
    assert "here/explain_2.png is of an earlier example" in told


def test_a_picture_says_what_it_is_of_and_below_of_which_mechanism(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []

    def kept(figure: Figure, path: Path, *, of: str) -> Path:
        said.append(" ".join(text.get_text() for text in figure.texts))
        return path

    monkeypatch.setattr("attnlab.reporting.figures.save", kept)
    shown(capsys, "additive")
    shown(capsys, "uniform")
    shown(capsys, "eca")
    assert said[0].startswith("Example 1: 喜欢 attends to ")
    assert said[1].startswith("Example 2: fruit attends to apple, orange")
    assert said[0].endswith("attention=additive, as it begins (seed 0)")
    assert said[2].endswith("attention=uniform")
    assert said[4].startswith("What each channel is weighed with")
    assert said[4].endswith("feature_attention=eca, as it begins (seed 0)")


def test_the_callers_random_numbers_are_left_alone() -> None:
    torch.manual_seed(3)
    expected = torch.rand(5)
    torch.manual_seed(3)
    explain("additive", AdditiveAttention, TUTORIAL)
    assert torch.equal(torch.rand(5), expected)


def test_a_mistyped_option_is_answered_before_torch_is_loaded() -> None:
    code = (
        "import sys; from attnlab.errors import UserError; from attnlab.commands.explain import run\n"
        "for arguments in (['--nosuch'], ['--query', 'a'], ['attention=nosuch']):\n"
        "    try: run(arguments)\n"
        "    except UserError: continue\n"
        "    raise AssertionError(arguments)\n"
        "assert not {'torch', 'matplotlib', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


NEAREST = """
from torch import nn

from attnlab.attention import Properties, allowed_mask, masked_softmax


class NearestAttention(nn.Module):
    '''Weights fall with the city-block distance.'''

    uses = frozenset({"query", "key"})
    properties = Properties(smooth=False)

    def __init__(self, *, num_heads, head_dim, role, max_length, dropout, temperature=4.0):
        super().__init__()
        self.causal = role == "causal"
        self.temperature = temperature

    def weights(self, q, k, *, key_mask=None, bias=None):
        apart = (q.unsqueeze(-2) - k.unsqueeze(-3)).abs()
        scores = -apart.sum(
            -1
        ) / self.temperature
        return masked_softmax(scores, allowed_mask(q, k, causal=self.causal, key_mask=key_mask), bias)

    def combine(self, weights, v):
        return weights @ v

    def forward(self, q, k, v, *, key_mask=None, bias=None):
        return self.combine(self.weights(q, k, key_mask=key_mask, bias=bias), v)
"""


@pytest.fixture
def _nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_nearest.py").write_text(NEAREST, encoding="utf-8")
    folder = tmp_path / "my_configs" / "attention"
    folder.mkdir(parents=True)
    core = "core: {_target_: own_nearest.NearestAttention, _partial_: true, temperature: 2.0}"
    (folder / "nearest.yaml").write_text(f"# The nearest.\n# zh: 最近的。\ndefaults: [_shell, _self_]\n{core}\n")
    monkeypatch.syspath_prepend(tmp_path)


@pytest.mark.usefixtures("_nearest")
def test_a_mechanism_of_ones_own_is_explained_by_what_its_code_names(capsys: pytest.CaptureFixture[str]) -> None:
    worked = shown(capsys, "nearest", "--config-dir", "my_configs")["examples"][0]
    steps = worked["queries"][0]["steps"]
    assert [step["title"] for step in steps[:2]] == [
        "apart = (q.unsqueeze(-2) - k.unsqueeze(-3)).abs()",
        "scores = -apart.sum( -1 ) / self.temperature",
    ]
    by_hand = [-sum(abs(a - b) for a, b in zip((1.0, 0.8), key, strict=True)) / 2 for key in TUTORIAL[0].keys]
    assert steps[1]["values"] == pytest.approx(by_hand)
    assert steps[-1]["values"] == pytest.approx(weighted_sum(softmax(by_hand), TUTORIAL[0].values))


@pytest.mark.usefixtures("_nearest")
@pytest.mark.parametrize(
    "arguments, message",
    [
        (["nearest", "--config-dir", "my_configs", "+attention.core.temprature=1"], "(drop attention.core.temprature)"),
        (["nearest"], "no mechanism is named 'nearest'"),
        (["nearest", "--config-dir", "nowhere"], "no such folder, got nowhere (set --config-dir)"),
    ],
)
def test_a_mistake_with_ones_own_is_one_line(arguments: list[str], message: str) -> None:
    with pytest.raises(UserError) as error:
        run(arguments)
    assert message in str(error.value)


def test_without_a_name_it_says_what_can_be_explained(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for locale, said in (("C", "Every key counts the same"), ("zh_CN.UTF-8", "任何机制都要胜过的对照组")):
        monkeypatch.setenv("LC_ALL", locale)
        monkeypatch.delenv("LANGUAGE", raising=False)
        assert run([]) == 0
        text = capsys.readouterr().out
        assert said in text
        for group in ("attention", "feature_attention"):
            assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in options(group))


def test_the_tutorials_numbers_are_known_when_they_are_typed(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "--query=2,3,1", "--keys=1,2,1;1,1,2")["examples"][0]["example"]["printed"]["weights"] == [
        0.6225,
        0.3775,
    ]
    assert shown(capsys, "--query=2,3", "--keys=1,2")["examples"][0]["example"]["printed"] is None
