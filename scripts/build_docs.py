"""Build the reference: a page for each mechanism with a figure of measured costs, and one for each other group.

    python scripts/build_docs.py            # writes docs/reference/ and parts of both READMEs

What a page says is read where it stands: the class's docstring and properties, its YAML's comments, the grid of roles
and models, conf/references.bib, and benchmarks/results/. tests/project/test_docs.py compares what is committed with
these.
"""

import re
from pathlib import Path
from typing import Any, NamedTuple

import group_pages
import measured
import readme_tables
from cost_figure import cost_figure
from docstring_parts import take_apart
from hydra.utils import get_class
from measured import Measured
from omegaconf import OmegaConf
from page_parts import NOTICE, paper_section, table
from reference_index import first_page

from attnlab.commands.list import grid_table
from attnlab.config import fitting, references
from attnlab.config.described import Head, head_of
from attnlab.language import Language

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
RESULTS = ROOT / "benchmarks" / "results"
CONF = ROOT / "conf"
GROUPS = ("attention", "feature_attention")
HANDLED = ("_target_", "_partial_", "_convert_", "defaults", "core", "dropout")
FAMILY = "family: "
READMES: dict[Language, str] = {"en": "README.md", "zh": "README.zh.md"}


class Argument(NamedTuple):
    """A line `key: value   # meaning` of a YAML file."""

    key: str
    default: str
    meaning: str


class Mechanism(NamedTuple):
    group: str
    name: str
    head: Head
    """The comment that opens its YAML."""
    family: str
    """Where the READMEs' table has it."""
    arguments: list[Argument]
    definition: Any
    """The class that is the mechanism: the core's, or that of what stands in the shell's place."""

    def headline_in(self, language: Language) -> str:
        if language == "zh":
            return "".join(self.head.zh)
        return " ".join(each for each in self.head.en if not each.startswith(FAMILY))

    @property
    def is_sibling(self) -> bool:
        return not hasattr(self.definition, "properties")


def mechanisms(group: str) -> list[Mechanism]:
    """Every mechanism of a configuration group, in order."""
    return [
        read_mechanism(group, path) for path in sorted((CONF / group).glob("*.yaml")) if not path.stem.startswith("_")
    ]


def read_mechanism(group: str, path: Path) -> Mechanism:
    text = path.read_text(encoding="utf-8")
    config: Any = OmegaConf.load(path)
    has_core = "core" in config
    head = head_of(text)
    if not head.en:
        raise SystemExit(f"error: {path} must open with a comment that says what it is")
    found = [
        Argument(f"{group}.core.{key}" if has_core else f"{group}.{key}", default.strip(), meaning)
        for key, default, meaning in re.findall(r"^ *(\w+): +([^#\n]+?) +# (.+)$", text, re.MULTILINE)
        if key not in HANDLED
    ]
    definition = get_class((config.core if has_core else config)._target_)
    if group == "attention":
        family = "".join(each.removeprefix(FAMILY) for each in head.en if each.startswith(FAMILY))
    else:
        family = "around" if "attention" in config else definition.properties.weights_over or "control"
    return Mechanism(group, path.stem, head, family, found, definition)


def pages() -> dict[str, str]:
    """The text of every page, by its file's name."""
    grid, costs = fitting.read(), measured.read(RESULTS)
    groups = {group: mechanisms(group) for group in GROUPS}
    known = {mechanism.name for group in groups.values() for mechanism in group}
    texts = {READMES[language]: first_page(groups, grid, language) for language in READMES} | group_pages.pages()
    for members in groups.values():
        for mechanism in members:
            text = _page(mechanism, grid, costs.get(mechanism.name))
            texts[f"{mechanism.name}.md"] = _linked(text, known - {mechanism.name})
    return texts


def _page(mechanism: Mechanism, grid: fitting.Grid, found: Measured | None) -> str:
    said = take_apart(mechanism.definition)
    module = mechanism.definition.__module__
    source = f"src/{module.replace('.', '/')}.py"
    blocks = [NOTICE, f"# {mechanism.name}", said.idea]
    if said.equations:
        blocks.append("\n".join(["```text", *said.equations, "```"]))
    blocks += said.prose
    blocks += [
        f"`{mechanism.group}={mechanism.name}` · [code](../../{source}) · "
        f"[configuration](../../conf/{mechanism.group}/{mechanism.name}.yaml)",
        *paper_section(references.named(mechanism.head.papers, [CONF]), references.reason_of(mechanism.head.papers)),
        "## Arguments",
        _arguments(mechanism),
        "## Where it can stand",
        *(_attention_places if mechanism.group == "attention" else _feature_places)(mechanism, grid),
        *([" ".join(said.refusals)] if said.refusals else []),
        "## Cost",
        f"Time {said.cost.time}; memory {said.cost.memory}. {said.cost.note}".strip(),
        *(_measurements(mechanism.name, found) if found else ["Not yet measured."]),
    ]
    return "\n\n".join(blocks) + "\n"


def _arguments(mechanism: Mechanism) -> str:
    if not mechanism.arguments:
        return "None of its own."
    return table(
        ["override", "default", "meaning"], [[f"`{a.key}`", f"`{a.default}`", a.meaning] for a in mechanism.arguments]
    )


def _attention_places(mechanism: Mechanism, grid: fitting.Grid) -> list[str]:
    entry = grid["attention"][mechanism.name]
    rows = [
        [f"role {role}", "yes" if role in entry["serves"] else f"no: {entry['refuses'][role]}"]
        for role in grid_table.ROLES
    ]
    rows.append(["decoding with a cache, exact", _yes("causal" in entry["serves"])])
    core = mechanism.definition
    if hasattr(core, "advance") and not mechanism.is_sibling:
        rows.append(["decoding keeps a state of one size", "yes"])
    blocks = [_models(mechanism, grid)]
    if mechanism.is_sibling:
        core = core(32, num_heads=2, role=entry["serves"][0], max_length=8).core
        blocks.append("It stands in the shell's place, with projections of its own.")
    return [table(["", ""], rows + _properties(core)), *blocks]


def _properties(core: Any) -> list[list[str]]:
    uses = " and ".join(sorted(core.uses, reverse=True)) or "neither query nor key"
    return [
        ["a bias on its scores", _yes(core.properties.takes_bias)],
        ["weights depend on", uses],
        ["the weights of a query sum to one", _yes(core.properties.rows_sum_to_one)],
        ["no weight is negative", _yes(core.properties.non_negative)],
        ["the order of keys doesn't matter (causal aside)", _yes(core.properties.permutation_equivariant)],
        ["smooth", _yes(core.properties.smooth)],
    ]


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"


def _models(mechanism: Mechanism, grid: fitting.Grid) -> str:
    rows = []
    for task, models in grid["cells"].items():
        for model, cells in models.items():
            cell = cells[mechanism.group].get(mechanism.name)
            if cell is not None:
                rows.append([task, model, _slots(mechanism.group, mechanism.name, cell)])
    return table(["task", "model", "stands in"], rows) if rows else "No model takes it yet."


def _slots(group: str, name: str, cell: dict[str, Any]) -> str:
    if "refused" in cell:
        return "refused"
    if "slots" not in cell:
        return "yes"
    own, others = grid_table.slots_of(group, name, cell)
    return ", ".join(own) + (f"; `{grid_table.BASELINE}` in {', '.join(others)}" if others else "")


def _feature_places(mechanism: Mechanism, grid: fitting.Grid) -> list[str]:
    around = grid["feature_attention"][mechanism.name]["around"]
    weights = {
        "channels": "Weights (B, C) of channels",
        "positions": "Weights (B, 1, H, W) of positions",
        "both": "Weights (B, C, H, W) of channels and positions",
        None: "No weights of its own",
    }[mechanism.definition.properties.weights_over]
    blocks = [f"{weights}. On maps (B, C, H, W) of any size, between a network's layers.", _models(mechanism, grid)]
    serving = [name for name, entry in grid["attention"].items() if "self" in entry["serves"]]
    if around == serving:
        blocks.insert(1, "Around any mechanism of [query, key and value](README.md) that serves the role self.")
    elif around:
        blocks.insert(1, f"Around any of {', '.join(f'`{name}`' for name in around)}.")
    return blocks


def _measurements(name: str, found: Measured) -> list[str]:
    times, peaks = (dict(zip(*curve, strict=True)) for curve in found.costs)
    reference_times, reference_peaks = (dict(zip(*curve, strict=True)) for curve in found.reference)
    rows = [
        [
            str(size),
            *(_number(times, size), _ratio(times, reference_times, size)),
            *(_number(peaks, size), _ratio(peaks, reference_peaks, size)),
        ]
        for size in sorted({*times, *peaks})
    ]
    beside = f"of {found.reference_name}'s"
    return [
        f"![Time and memory by {found.labels.size}](figures/{name}.svg)",
        table([found.labels.size, "ms", beside, "MiB", beside], rows),
        found.description,
    ]


def _number(values: dict[int, float], size: int) -> str:
    return f"{values[size]:.3g}" if size in values else ""


def _ratio(values: dict[int, float], reference: dict[int, float], size: int) -> str:
    return f"{values[size] / reference[size]:.2g} ×" if size in values and size in reference else ""


def _linked(text: str, names: set[str]) -> str:
    """Names of other mechanisms in backticks, as links; equations stay as they are."""
    parts = text.split("```")
    for index in range(0, len(parts), 2):
        parts[index] = re.sub(
            r"`(\w+)`", lambda match: f"[{match[0]}]({match[1]}.md)" if match[1] in names else match[0], parts[index]
        )
    return "```".join(parts)


def figures() -> dict[str, str]:
    """The figure of every measured mechanism, by its file's name."""
    return {
        f"{name}.svg": cost_figure(
            name, found.costs, reference_name=found.reference_name, reference=found.reference, labels=found.labels
        )
        for name, found in measured.read(RESULTS).items()
    }


def readmes() -> dict[str, str]:
    """The text of each README with today's mechanisms, by its file's name."""
    members = {group: [readme_tables.Member(m.name, m.family) for m in mechanisms(group)] for group in GROUPS}
    return {
        name: readme_tables.filled((ROOT / name).read_text(encoding="utf-8"), language, **members)
        for language, name in READMES.items()
    }


def main() -> None:
    for folder, texts in ((REFERENCE, pages()), (REFERENCE / "figures", figures())):
        folder.mkdir(parents=True, exist_ok=True)
        for path in folder.glob("*.*"):
            if path.name not in texts:
                path.unlink()
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    for name, text in readmes().items():
        (ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
