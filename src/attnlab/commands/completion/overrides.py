"""Overrides as a shell completes them: groups and their names, keys level by level, and the values that are known."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from attnlab.commands.completion.candidates import FILES, Candidate, run_names
from attnlab.commands.list.catalogue import GROUPS, OF_HYDRA, names_of
from attnlab.config import choices, fitting
from attnlab.config.described import Key, Said
from attnlab.errors import UserError
from attnlab.language import Language, Words
from attnlab.reading.bounds import read_json
from attnlab.runs.named import run_named

OF_A_RUN = tuple(group for group in GROUPS if group != "study") + OF_HYDRA
RESUME = {"resume": Words("the run that goes on", "要继续的运行")}
RUNS = ("resume", "init_from", "extractor.run")
SIGNS = re.compile(r"[+~]*")


class Overrides(NamedTuple):
    """What is known of those of a command line.

    Attributes:
        folders: of the configuration, the user's own last.
        given: the words before the one that is begun.
    """

    folders: Sequence[Path]
    given: Sequence[str]
    language: Language

    def of_run(self, begun: str) -> Iterator[Candidate]:
        """Those of a run."""
        chosen = choices.chosen(self.given, self.folders)
        keys = chosen.keys(self.folders)
        slots = {slot: group for group, names in chosen.names.items() for slot, group in self._slots(group, names)}
        groups = {group: group for group in OF_A_RUN} | slots
        yield from self._of(begun, keys, groups, RESUME)

    def of_study(self, name: str, begun: str) -> Iterator[Candidate]:
        """Those of a study, by its file."""
        path = choices.file_of("study", name, self.folders)
        yield from self._of(begun, () if path is None else choices.read(path).keys, {}, {})

    def of_evaluation(self, run: str, begun: str) -> Iterator[Candidate]:
        """What a trained run may be tested with: its own keys of data, task and trainer."""
        found: object = None
        with suppress(UserError, OSError, ValueError):
            found = read_json(run_named(run) / "config.json")
        config = found if isinstance(found, dict) else {}
        keys = [key for group in ("data", "task", "trainer") for key in _leaves(config.get(group), group)]
        yield from self._of(begun, keys, {"extractor": "extractor"}, {})

    def _slots(self, group: str, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            if choices.file_of(group, name, self.folders) is not None:
                yield from choices.choice(group, name, self.folders).slots.items()

    def _of(
        self, begun: str, keys: Sequence[Key], groups: Mapping[str, str], others: Mapping[str, Words]
    ) -> Iterator[Candidate]:
        signs = SIGNS.match(begun)
        sign = signs[0] if signs else ""
        name, equals, value = begun[len(sign) :].partition("=")
        if not equals:
            for each in self._keys(name, keys, groups, others):
                yield each._replace(word=sign + each.word)
            return
        for each in self._values(name, value, keys, groups):
            yield each if each is FILES else each._replace(word=f"{sign}{name}={each.word}")

    def _unfit(self) -> Mapping[str, set[str]]:
        """What a task that has been chosen, by itself or by an experiment, has no use for."""
        if not any(each.startswith(("task=", "experiment=")) for each in self.given):
            return {}
        return fitting.unfit(choices.chosen(self.given, self.folders).names["task"][0])

    def _keys(
        self, begun: str, keys: Sequence[Key], groups: Mapping[str, str], others: Mapping[str, Words]
    ) -> Iterator[Candidate]:
        """Groups, and keys to the next dot."""
        named = {**{each: Words(f"choose {group}", f"选择 {group}") for each, group in groups.items()}, **others}
        for each, words in named.items():
            if each.startswith(begun):
                yield Candidate(f"{each}=", words.said(self.language), whole=False)
        for key in keys:
            if key.name.startswith(begun):
                more, dot, _ = key.name[len(begun) :].partition(".")
                said = "" if dot else key.said.text(self.language)
                if dot or key.default:
                    yield Candidate(begun + more + (dot or "="), said, whole=False)

    def _values(self, name: str, begun: str, keys: Sequence[Key], groups: Mapping[str, str]) -> Iterator[Candidate]:
        """Of a list those of its last part."""
        group = groups.get(name.partition("@")[0])
        cut = max(begun.rfind(","), begun.rfind("[")) + 1
        if group is not None:
            others = self._unfit().get(group, ())
            for each, said in names_of(group, self.folders, language=self.language).items():
                if each.startswith(begun[cut:]) and each not in others:
                    yield Candidate(begun[:cut] + each, said)
            return
        if name in RUNS:
            yield from run_names(begun)
            return
        default = next((key.default for key in keys if key.name == name), None)
        if default in ("true", "false"):
            yield from (Candidate(each) for each in ("true", "false") if each.startswith(begun))
        elif default is None or not re.match(r"[\d.\[{-]", default):
            yield FILES


def _leaves(node: object, prefix: str) -> Iterator[Key]:
    """Of what anyone may have written: names that a shell would take for more than a word are none of ours."""
    for name, value in node.items() if isinstance(node, dict) else ():
        if name.isidentifier() and not name.startswith("_"):
            if isinstance(value, dict) and value:
                yield from _leaves(value, f"{prefix}.{name}")
            else:
                yield Key(f"{prefix}.{name}", json.dumps(value), Said())
