"""The generated reference: complete, up to date, and taken apart rightly."""

import re
from pathlib import Path
from xml.etree import ElementTree

import build_docs
import group_pages
import measured
import pytest
import readme_tables
import task_scores
from cost_figure import Costs, Curve, Labels, cost_figure
from docstring_parts import Cost, take_apart
from group_words import GROUP_PAGES, RUN_PAGE
from omegaconf import OmegaConf

from attnlab.commands.list.catalogue import names_of
from attnlab.config import references
from attnlab.config.choices import Choice, choice
from attnlab.config.described import Key, Said, head_of

ROOT = Path(__file__).parents[2]
LARGEST_FIGURE = 6_000  # bytes: one for each mechanism, in git


@pytest.fixture(scope="module")
def pages():
    return build_docs.pages()


def test_committed_pages_are_those_of_today(pages):
    committed = {path.name: path.read_text(encoding="utf-8") for path in build_docs.REFERENCE.glob("*.md")}
    assert sorted(pages) == sorted(committed), "run make docs"
    stale = [name for name, text in pages.items() if committed[name] != text]
    assert not stale, "run make docs"


def test_the_readmes_have_every_mechanism():
    for name, text in build_docs.readmes().items():
        assert text == (ROOT / name).read_text(encoding="utf-8"), "run make docs"
        for group in build_docs.GROUPS:
            for mechanism in build_docs.mechanisms(group):
                assert re.search(rf"^\| .* \|.*`{mechanism.name}`.* \|$", text, re.MULTILINE), (name, mechanism.name)


def test_a_family_that_the_readmes_table_lacks_is_refused():
    with pytest.raises(ValueError, match=r"conf/attention/x\.yaml must say `# family:` and one of .*, got 'new'"):
        readme_tables.filled("", "en", [readme_tables.Member("x", "new")], [])


def test_a_readme_without_a_place_for_the_tables_is_refused():
    with pytest.raises(ValueError, match="must have one place <!-- made by make docs: count -->, got 0"):
        readme_tables.filled("", "zh", [], [])


def test_no_two_mechanisms_share_a_page():
    names = [mechanism.name for group in build_docs.GROUPS for mechanism in build_docs.mechanisms(group)]
    assert len(set(names)) == len(names)


def test_every_mechanism_that_is_measured_is_drawn(pages):
    figures = build_docs.figures()
    measured_ones = {name.removesuffix(".svg") for name in figures}
    unmeasured = {name.removesuffix(".md") for name, text in pages.items() if "Not yet measured." in text}
    names = {mechanism.name for group in build_docs.GROUPS for mechanism in build_docs.mechanisms(group)}
    assert measured_ones.isdisjoint(unmeasured)
    assert measured_ones | unmeasured == names
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


def test_every_link_leads_somewhere(pages):
    for name, text in pages.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            file, _, heading = target.partition("#")
            if not file.startswith("https://"):
                assert not file or (build_docs.REFERENCE / file).is_file(), f"{name} links to {target}"
                there = pages.get(file or name, "")
                assert not heading or f"## {heading.replace('-', ' ')}\n" in there.lower(), f"{name} links to {target}"


def test_a_mechanisms_page_has_its_papers_with_links_and_entries_to_copy(pages):
    known = references.read(build_docs.CONF)
    for group in build_docs.GROUPS:
        for mechanism in build_docs.mechanisms(group):
            text = pages[f"{mechanism.name}.md"]
            (section,) = re.findall(r"^## Papers\n\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
            keys = references.keys_of(mechanism.head.papers)
            entries = re.findall(r"^@\w+\{([\w-]+),$", section, re.MULTILINE)
            assert entries == list(keys), mechanism.name
            assert all(f"]({known[key].link})" in section for key in keys)
            assert keys or section.startswith("None: a control.")


CITED = re.compile(r"([A-Z][\w-]+)(?: et al\.| Team| (?:and|&) [A-Z]\w+)?, ((?:19|20)\d{2})\b")


def test_whoever_a_docstring_names_is_among_the_papers():
    known = references.read(build_docs.CONF)
    for group in build_docs.GROUPS:
        for mechanism in build_docs.mechanisms(group):
            papers = [known[key] for key in references.keys_of(mechanism.head.papers)]
            for who, year in CITED.findall(" ".join(mechanism.definition.__doc__.split())):
                assert any(each.year == year and each.cited.startswith(who) for each in papers), (mechanism.name, who)


def test_every_key_of_every_name_is_on_its_groups_page_in_both_languages(pages):
    for group, page in GROUP_PAGES.items():
        for name in names_of(group, [build_docs.CONF]):
            found = choice(group, name, [build_docs.CONF])
            for language in ("en", "zh"):
                text = pages[group_pages.file_of(page, language)]
                section = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
                shared = text.partition("(#" in section and "\n## ")[2] if "(#" in section else ""
                for key in found.keys:
                    assert f"`{key.name}" in section + shared, (group, name, key.name)
                    if language == "en" and f"| `{key.name}` | `{key.default}` |" not in section + shared:
                        assert key.default in ("", "???") or key.name in found.slots, (group, name, key.name)


def test_a_page_and_its_translation_have_the_same_rows(pages):
    for page in (*GROUP_PAGES.values(), RUN_PAGE):
        english, chinese = (pages[group_pages.file_of(page, language)] for language in ("en", "zh"))
        for mark in (r"^\| `([\w./]+)` \|", r"^## ([a-z\d_]+)$", r"https://\S+"):
            assert re.findall(mark, english, re.MULTILINE) == re.findall(mark, chinese, re.MULTILINE), page.file
        assert re.search("[\u4e00-\u9fff]", english.replace("中文", "")) is None
        assert f"({group_pages.file_of(page, 'zh')})" in english
        assert f"({group_pages.file_of(page, 'en')})" in chinese
        for language in ("en", "zh"):
            assert f"({group_pages.file_of(page, language)})" in pages[build_docs.READMES[language]]


def test_a_tasks_section_says_what_fits_it_and_what_it_scores(pages):
    section = pages["tasks.md"].partition("\n## ner\n")[2].partition("\n## ")[0]
    for part in ("[bilstm_crf](models.md#bilstm_crf)", "[conll](data.md#conll)", "[words](tokenizers.md#words)"):
        assert part in section
    assert "| `f1` | higher | of entities found with their exact span and type, F1 from 0 to 1 |" in section
    assert "| `loss` | lower |" in section
    assert {each.name: each.better for each in task_scores.scores_of("translation")} == {
        "loss": "min", "perplexity": "min", "bleu": "max", "chrf": "max",
    }  # fmt: skip


def test_every_score_of_a_task_is_told():
    for task in names_of("task", [build_docs.CONF]):
        for score in task_scores.scores_of(task):
            assert score.said("en"), (task, score.name)
            assert not score.said("zh").isascii(), (task, score.name)


def _option(**keys):
    return Choice("g", "n", Path(), head_of(""), None, {}, {}, tuple(Key(k, *v) for k, v in keys.items()))


def test_what_needs_the_line_before_is_shared_with_it_or_not_at_all():
    height, width = ("1", Said("pixels")), ("2", Said("likewise"))
    shared = group_pages._shared([_option(height=height, width=width)] * 3)
    assert list(shared) == ["height", "width"]
    other = _option(height=("9", Said("of another")), width=width)
    assert list(group_pages._shared([*[_option(height=height, width=width)] * 3, other])) == ["height"]
    changed = _option(height=height, width=("5", Said("likewise")))
    assert [key.name for key in group_pages._own_keys(changed, shared)] == ["height", "width"]
    assert group_pages._own_keys(_option(height=height, width=width), shared) == []
    assert group_pages._shared([_option(height=height)] * 2) == {}


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

    Cost: time T² D + D²/H, memory T
    D. Fused; but not always.

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
    assert parts.cost == Cost(time="T² D + D²/H", memory="T D", note="Fused; but not always.")


@pytest.mark.parametrize("said", ["More.", "Cost: much.", "Cost: time T, memory T.\n\nCost: time T, memory T."])
def test_a_docstring_says_the_cost_once(said):
    silent = type("Silent", (), {"__doc__": f"An idea.\n\n{said}"})
    with pytest.raises(ValueError, match="Silent must say once what it costs, as in `Cost: time"):
        take_apart(silent)


def test_a_mechanism_stands_beside_what_was_measured_with_it(pages):
    found = measured.read(build_docs.RESULTS)
    assert {each.reference_name for each in found.values()} == {"scaled_dot", "a convolution"}
    assert found["se"].costs.memory.sizes == [64, 256, 1024, 4096]
    assert found["latent"].reference != found["additive"].reference == found["scaled_dot"].costs
    assert "both with their projections" in found["latent"].description
    assert "| positions | ms | of a convolution's | MiB | of a convolution's |" in pages["se.md"]


def test_without_measurements_the_reference_says_what_to_run(tmp_path):
    with pytest.raises(SystemExit, match=r"attention-time\.json is missing \(run make bench\)"):
        measured.read(tmp_path)
