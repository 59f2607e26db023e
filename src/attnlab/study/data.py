"""The data of a study's arms, prepared once where it is the same."""

import json
from typing import Any

from attnlab.config import identity
from attnlab.data.module import DataModule
from attnlab.errors import UserError
from attnlab.runs import build
from attnlab.runs.own_files import told_who_reads_own_files
from attnlab.study.examples import Example, example_of


class StudyData:
    """Prepares data when it is first asked for."""

    def __init__(self) -> None:
        self._modules: dict[str, DataModule] = {}
        self._examples: dict[str, Example] = {}

    def of(self, config: build.Config) -> DataModule:
        """The data of an arm, prepared; the same for every seed.

        Raises:
            UserError: a mistake in its files.
        """
        key = self._key(config)
        if key not in self._modules:
            data: DataModule = build.build_data(config)
            with told_who_reads_own_files(config):
                data.prepare_data()
            data.setup("fit")
            self._modules[key] = data
        return self._modules[key]

    def example(self, config: build.Config) -> Example:
        """By which an arm's costs are counted."""
        key = self._key(config)
        if key not in self._examples:
            self._examples[key] = example_of(self.of(config))
        return self._examples[key]

    @staticmethod
    def _key(config: build.Config) -> str:
        node: dict[str, Any] = identity.decisive(config)["data"]
        return json.dumps({key: value for key, value in node.items() if key != "seed"}, sort_keys=True, default=str)


def updates_of_tokens(config: build.Config, data: DataModule, tokens: int) -> int:
    """How many updates read so many tokens of training, padding left out, on average over a pass; 1 or more.

    Raises:
        UserError: the data isn't counted in tokens.
    """
    if data.train_tokens is None:
        raise UserError(
            f"a budget of tokens needs data that has them, got {tokens} tokens of {config['data']['_target_']} (set "
            "budget.updates)"
        )
    settings = build.build_settings(config)
    batches = data.num_train_batches(0, 1)
    a_batch = data.train_tokens / batches
    return max(1, round(tokens / (a_batch * settings.accumulate_grad_batches * settings.world_size)))
