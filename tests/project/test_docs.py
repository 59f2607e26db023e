"""The generated reference: complete, up to date, and taken apart rightly."""

import re
from pathlib import Path
from xml.etree import ElementTree

import build_docs
import measured
import pytest
from cost_figure import Costs, Curve, Labels, cost_figure
from docstring_parts import take_apart
from omegaconf import OmegaConf

ROOT = Path(__file__).parents[2]
LARGEST_FIGURE = 6_000  # bytes: one for each mechanism, in git


def test_committed_pages_are_those_of_today():
    pages = build_docs.pages()
    committed = {path.name: path.read_text(encoding="utf-8") for path in build_docs.REFERENCE.glob("*.md")}
    assert sorted(pages) == sorted(committed), "run make docs"
    stale = [name for name, text in pages.items() if committed[name] != text]
    assert not stale, "run make docs"


def test_every_mechanism_has_its_complexity_and_every_complexity_its_mechanism():
    complexity = OmegaConf.load(ROOT / "docs" / "complexity.yaml")
    for group in build_docs.GROUPS:
        assert sorted(complexity[group]) == [mechanism.name for mechanism in build_docs.mechanisms(group)]
        for name, cost in complexity[group].items():
            assert {"time", "memory"} <= set(cost) <= {"time", "memory", "note"}, name


def test_no_two_mechanisms_share_a_page():
    names = [mechanism.name for group in build_docs.GROUPS for mechanism in build_docs.mechanisms(group)]
    assert len(set(names)) == len(names)


def test_every_mechanism_is_measured_and_drawn():
    figures = build_docs.figures()
    assert {name.removesuffix(".svg") for name in figures} == {
        mechanism.name for group in build_docs.GROUPS for mechanism in build_docs.mechanisms(group)
    }, "run make bench, then make docs"
    assert not [name for name, text in build_docs.pages().items() if "Not yet measured." in text]
    for name, figure in figures.items():
        committed = (build_docs.REFERENCE / "figures" / name).read_text(encoding="utf-8")
        assert committed == figure, "run make docs"
        assert len(figure.encode()) < LARGEST_FIGURE
        assert ElementTree.fromstring(figure).tag.endswith("svg")


def test_a_figure_places_points_by_their_logarithms():
    costs = Costs(Curve([10, 100, 1000], [1.0, 10.0, 100.0]), Curve([10, 1000], [2.0, 3.0]))
    labels = Labels(size="positions", time="ms", memory="MiB")
    drawn = cost_figure("x", costs, reference_name="x", reference=costs, labels=labels)
    points = re.findall(r'<circle cx="([\d.]+)" cy="([\d.]+)"', drawn)
    assert len(points) == 2 + 3 + 2  # the legend's, and both panels'
    (x0, y0), (x1, y1), (x2, y2) = ((float(x), float(y)) for x, y in points[2:5])
    assert x1 - x0 == x2 - x1 > 0
    assert y1 - y0 == y2 - y1 < 0
    assert drawn.count(">x<") == 1
    assert [drawn.count(f">{label}<") for label in labels] == [2, 1, 1]


def test_every_link_leads_somewhere():
    for path in build_docs.REFERENCE.glob("*.md"):
        for target in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            assert (path.parent / target).is_file(), f"{path.name} links to {target}"


def test_arguments_are_those_of_the_yaml_with_their_comments():
    (local,) = (m for m in build_docs.mechanisms("attention") if m.name == "local")
    (window,) = local.arguments
    assert window.key == "attention.core.window"
    assert window.default == "7"
    assert window.meaning.startswith("keys in sight, odd")
    (latent,) = (m for m in build_docs.mechanisms("attention") if m.name == "latent")
    assert [argument.key for argument in latent.arguments] == ["attention.latent_dim"]


@pytest.mark.parametrize("group", build_docs.GROUPS)
def test_every_argument_of_a_yaml_is_documented(group):
    for mechanism in build_docs.mechanisms(group):
        config = OmegaConf.load(ROOT / "conf" / group / f"{mechanism.name}.yaml")
        own = {key for key in config.get("core", config) if key not in build_docs.HANDLED}
        assert own == {argument.key.rsplit(".", 1)[1] for argument in mechanism.arguments}, mechanism.name


class _Documented:
    """Each pair is weighed.

    w_ij = softmax_j(z_ij),   z_ij = q_i · k_j for pairs that are near, which is to say within the
    window, or anywhere at all        (Author et al., 2001, eq. 3)
        = nothing else
    W_1 and W_2 belong to a head and to no other head, as one would think. Differs from the paper:
    it works.

    More is said here.

    Args:
        window: isn't repeated.

    Raises ValueError for a window below 1.
    """


def test_a_docstring_is_taken_apart():
    parts = take_apart(_Documented)
    assert parts.idea == "Each pair is weighed."
    assert parts.equations == [
        "w_ij = softmax_j(z_ij),   z_ij = q_i · k_j for pairs that are near, which is to say within the",
        "window, or anywhere at all        (Author et al., 2001, eq. 3)",
        "    = nothing else",
    ]
    assert parts.prose == [
        "W_1 and W_2 belong to a head and to no other head, as one would think. Differs from the paper: it works.",
        "More is said here.",
    ]
    assert parts.refusals == ["Raises ValueError for a window below 1."]


def test_a_mechanism_stands_beside_what_was_measured_with_it():
    found = measured.read(build_docs.RESULTS)
    assert {each.reference_name for each in found.values()} == {"scaled_dot", "a convolution"}
    assert found["se"].costs.memory.sizes == [64, 256, 1024, 4096]
    assert found["latent"].reference != found["additive"].reference == found["scaled_dot"].costs
    assert "both with their projections" in found["latent"].description
    page = build_docs.pages()["se.md"]
    assert "| positions | ms | of a convolution's | MiB | of a convolution's |" in page


def test_without_measurements_the_reference_says_what_to_run(tmp_path):
    with pytest.raises(SystemExit, match=r"attention-time\.json is missing \(run make bench\)"):
        measured.read(tmp_path)
