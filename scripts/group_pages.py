"""The reference's pages of groups besides mechanisms, one a group and language: from the comments of their YAML.

They have what `attnlab list NAME` shows, so what a key is stands in one place. Keys that several options of a group say
alike are said once.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import group_words as words
from group_words import GROUP_PAGES, RUN_PAGE, GroupPage
from page_parts import BIBLIOGRAPHY, NOTICE, escaped, paper_line, table
from task_scores import scores_of

from attnlab.commands.list import fits, grid_table
from attnlab.commands.list.catalogue import GROUPS, catalogue
from attnlab.commands.list.keys import said
from attnlab.config import fitting, references
from attnlab.config.choices import ROOT, Choice, choice
from attnlab.config.conf_path import conf_dir
from attnlab.config.described import FACT, Key
from attnlab.language import Language

SHARED_BY = 3  # options; fewer repeat what they share
OF_VALUES = ("experiment",)  # groups whose files set other groups' keys, so that the values are what matters
LANGUAGES: tuple[Language, ...] = ("en", "zh")
MISSING = "???"  # OmegaConf's


class Shelf(NamedTuple):
    """All groups in a language."""

    language: Language
    groups: Mapping[str, Sequence[Choice]]
    tasks: fits.Tasks
    grid: fitting.Grid


def pages() -> dict[str, str]:
    """The text of every page, by its file's name."""
    texts: dict[str, str] = {}
    for language in LANGUAGES:
        shelf = _shelf(language)
        texts[file_of(RUN_PAGE, language)] = _run_page(shelf)
        for group, page in GROUP_PAGES.items():
            texts[file_of(page, language)] = _group_page(group, page, shelf)
    return texts


def file_of(page: GroupPage, language: Language) -> str:
    return f"{page.file}.zh.md" if language == "zh" else f"{page.file}.md"


def _shelf(language: Language) -> Shelf:
    folders, grid = [conf_dir()], fitting.read()
    names = catalogue(folders, language=language)
    groups = {group: [choice(group, name, folders) for name in names[group]] for group in GROUP_PAGES}
    return Shelf(language, groups, fits.tasks_of(names, grid, folders), grid)


def _run_page(shelf: Shelf) -> str:
    found = choice("", ROOT, [conf_dir()])
    pages = {group: page for group, page in GROUP_PAGES.items() if group in found.chooses}
    rows = [[_page_link(page, shelf.language), f"`{group}={found.chooses[group]}`"] for group, page in pages.items()]
    rows.insert(
        0,
        [
            f"[attention](README{'.zh' if shelf.language == 'zh' else ''}.md)",
            f"`attention={found.chooses['attention']}`",
        ],
    )
    blocks = [*_opening(RUN_PAGE, shelf.language), _keys(found.keys, shelf.language)]
    blocks.append(table([words.OPTION.said(shelf.language), words.DEFAULT.said(shelf.language)], rows))
    return "\n\n".join(blocks) + "\n"


def _opening(page: GroupPage, language: Language) -> list[str]:
    other: Language = "en" if language == "zh" else "zh"
    link = words.OTHER_LANGUAGE[language].format(file_of(page, other))
    return [NOTICE, f"# {page.title.said(language)}", _joined([page.intro.said(language), link], language)]


def _joined(sentences: Sequence[str], language: Language) -> str:
    """One after another, as the language has it."""
    return ("" if language == "zh" else " ").join(sentences)


def _page_link(page: GroupPage, language: Language) -> str:
    return f"[{page.title.said(language)}]({file_of(page, language)})"


def _group_page(group: str, page: GroupPage, shelf: Shelf) -> str:
    options = shelf.groups[group]
    shared = {} if group in OF_VALUES else _shared(options)
    blocks = [*_opening(page, shelf.language), _overview(group, options, shelf)]
    if shared:
        blocks += [f"## {words.SHARED.said(shelf.language)}", words.SHARED_INTRO.said(shelf.language)]
        blocks.append(_keys(list(shared.values()), shelf.language))
    for option in options:
        blocks += [f"## {option.name}", *_section(option, shared, shelf)]
    return "\n\n".join(blocks) + "\n"


def _shared(options: Sequence[Choice]) -> dict[str, Key]:
    """Keys of which several say the same, with the same default, by name; where there are two such, the commoner."""
    counts = Counter(key for each in options for key in _plain_keys(each) if key.said.en)
    found: dict[str, Key] = {}
    for key, count in counts.most_common():
        if count >= SHARED_BY:
            found.setdefault(key.name, key)
    while astray := [name for name, key in found.items() if _goes_on(key) and not _follows(key, options, found)]:
        del found[astray[0]]
    order = list(dict.fromkeys(key.name for each in options for key in each.keys))
    return {name: found[name] for name in sorted(found, key=order.index)}


def _goes_on(key: Key) -> bool:
    """Whether what is said of it needs the line before."""
    return key.said.en.startswith("likewise")


def _follows(key: Key, options: Sequence[Choice], shared: Mapping[str, Key]) -> bool:
    """Whether the line before is shared, too, wherever the key is."""
    pairs = [pair for each in options for pair in pairwise(_plain_keys(each))]
    return all(shared.get(before.name) == before for before, each in pairs if each == key)


def _plain_keys(option: Choice) -> list[Key]:
    return [key for key in option.keys if key.name not in option.slots]


def _overview(group: str, options: Sequence[Choice], shelf: Shelf) -> str:
    of_tasks = group not in ("task", "experiment", "study") and group in shelf.tasks
    heading = [
        f"`{group}=`" if group != "study" else words.OPTION.said(shelf.language),
        words.WHAT.said(shelf.language),
    ]
    rows = []
    for each in options:
        rows.append([f"[{each.name}](#{each.name})", escaped(each.head.first(shelf.language))])
        if of_tasks:
            rows[-1].append(_linked_names("task", shelf.tasks[group].get(each.name, ()), shelf.language))
    return table([*heading, *([words.TASKS.said(shelf.language)] if of_tasks else [])], rows)


def _listed(names: Sequence[str], language: Language) -> str:
    return ("、" if language == "zh" else ", ").join(names)


def _linked_names(group: str, names: Sequence[str], language: Language) -> str:
    file = file_of(GROUP_PAGES[group], language)
    return _listed([f"[{name}]({file}#{name})" for name in names], language)


def _section(option: Choice, shared: Mapping[str, Key], shelf: Shelf) -> Iterator[str]:
    language = shelf.language
    yield from _said(option, language)
    yield from _facts(option, shelf)
    rows = _own_keys(option, shared)
    inherited = [key.name for key in _plain_keys(option) if key not in rows]
    slots = [(name, group) for name, group in option.slots.items()]
    if rows or slots:
        yield _keys(rows, language, slots=slots, is_set=option.group in OF_VALUES)
    elif not inherited:
        yield words.NO_KEYS.said(language)
    if inherited and shared.keys() <= {key.name for key in option.keys}:
        yield words.ALL_SHARED.said(language)
    elif inherited:
        yield words.SOME_SHARED.said(language).format(_listed([f"`{name}`" for name in inherited], language))


def _own_keys(option: Choice, shared: Mapping[str, Key]) -> list[Key]:
    """Those that aren't shared, and those without which what is said of them can't be understood."""
    keys = _plain_keys(option)
    needed = [shared.get(key.name) != key for key in keys]
    for index in range(len(keys) - 1, 0, -1):
        needed[index - 1] |= needed[index] and _goes_on(keys[index])
    return [key for key, is_needed in zip(keys, needed, strict=True) if is_needed]


def _said(option: Choice, language: Language) -> Iterator[str]:
    """All that the file says of itself; lines that are no sentences below the others."""
    sentences, lines = [], []
    for paragraph in option.head.paragraphs(language):
        if match := FACT.fullmatch(paragraph):
            text = f"`{match[2]}`" if match[2].startswith("attnlab ") else escaped(match[2])
            lines.append(f"- {match[1]}: {text}" if language == "en" else f"- {match[1]}：{text}")
        elif paragraph.startswith("attnlab "):
            lines.append(f"- `{paragraph}`")
        else:
            sentences.append(escaped(paragraph))
    yield from sentences
    if lines:
        yield "\n".join(lines)


def _facts(option: Choice, shelf: Shelf) -> Iterator[str]:
    language, facts = shelf.language, []
    if option.chooses:
        chosen = " ".join(f"`{group}={name}`" for group, name in option.chooses.items())
        facts.append((words.BRINGS if option.group == "task" else words.CHOOSES).said(language).format(chosen))
    if option.group == "model":
        facts += _places(option.name, shelf)
    facts.append(f"[{words.FILE.said(language)}](../../conf/{option.group}/{option.name}.yaml)")
    yield _joined(facts, language)
    if option.group == "task":
        yield from _of_task(option.name, shelf)
    if papers := references.named(option.head.papers, [conf_dir()]):
        yield "\n".join(f"- {paper_line(each)} BibTeX: [`{each.key}`]({BIBLIOGRAPHY})" for each in papers)


def _places(model: str, shelf: Shelf) -> list[str]:
    """Where mechanisms stand in a model, by the grid."""
    cells = next((models[model] for models in shelf.grid["cells"].values() if model in models), {})
    slots: dict[str, None] = {}
    for name, cell in cells.get("attention", {}).items():
        own, others = grid_table.slots_of("attention", name, cell)
        slots |= dict.fromkeys([*own, *others])
    found = []
    if slots:
        found.append(words.SLOTS.said(shelf.language).format(_listed([f"`{slot}`" for slot in slots], shelf.language)))
    if cells.get("feature_attention"):
        found.append(words.FEATURES.said(shelf.language))
    return found


def _of_task(task: str, shelf: Shelf) -> Iterator[str]:
    """What fits it, and what it scores."""
    rows = []
    for group in ("model", "data", "tokenizer", "extractor", "adversarial_loss"):
        fitting_ones = [name for name, tasks in shelf.tasks[group].items() if task in tasks]
        if fitting_ones:
            rows.append([f"`{group}=`", _linked_names(group, fitting_ones, shelf.language)])
    yield table(["", ""], rows)
    yield words.SCORES.said(shelf.language)
    heading = (words.SCORE, words.BETTER, words.WHAT)
    yield table(
        [each.said(shelf.language) for each in heading],
        [
            [f"`{each.name}`", words.HIGHER[each.better].said(shelf.language), each.said(shelf.language)]
            for each in scores_of(task)
        ],
    )


def _keys(
    keys: Sequence[Key], language: Language, *, slots: Sequence[tuple[str, str]] = (), is_set: bool = False
) -> str:
    """A table; `is_set`: the file sets them, and they are others'."""
    heading = [words.KEY, words.SET_TO if is_set else words.DEFAULT, words.WHAT]
    rows = [[f"`{key.name}`", _default(key, language), escaped(said(key, language, GROUPS))] for key in keys]
    rows += [[f"`{name}=NAME`", "", words.SLOT.said(language).format(f"`{group}`")] for name, group in slots]
    return table([each.said(language) for each in heading], rows)


def _default(key: Key, language: Language) -> str:
    if key.default == MISSING:
        return words.TO_SET.said(language)
    return f"`{key.default}`" if key.default else ""
