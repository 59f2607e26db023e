"""`attnlab evaluate`: a trained run's test scores again, or on other data."""

import json
import sys
from typing import Any

from attnlab import arguments as arguments_of
from attnlab.errors import UserError


def run(arguments: list[str]) -> int:
    """Score a checkpoint and print its test metrics; returns the exit status."""
    parser = arguments_of.parser("evaluate", "Score a trained run on its test split.")
    parser.add_argument("run", help="a run's folder or a checkpoint file")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="data.*, task.* or trainer.* values")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--trust", action="append", default=[], metavar="PACKAGE", help="your own code to import")
    options = parser.parse_intermixed_args(arguments)

    scores = evaluate(options.run, options.overrides, trust=tuple(options.trust))
    if options.json:
        print(json.dumps(scores))
    else:
        width = max(12, *(len(name) + 1 for name in scores))
        for name, value in scores.items():
            print(f"test {name:<{width}}{value:.4g}")
    return 0


def evaluate(path: str, overrides: list[str], *, trust: tuple[str, ...] = ()) -> dict[str, float]:
    """The test metrics of a run's best checkpoint, under its own data and task with `overrides`.

    The trainer is this installation's own: a checkpoint decides neither the devices nor what runs besides its model.
    """
    from attnlab import build, checkpoint
    from attnlab.compose import load_group

    stored = checkpoint.config_of(checkpoint.load(checkpoint.find(path)))
    checkpoint.check_targets({"data": stored["data"], "task": stored["task"]}, trust=trust)
    stored["data"]["cache_dir"] = None
    stored["trainer"] = build.plain(load_group("trainer", "default"))
    config = _overridden(stored, overrides)
    _, task = build.restore(checkpoint.find(path), trust=trust, overrides=config)
    data = build.build_data(config)
    data.adopt(task.codec)
    data.prepare_data()
    factory = build.instantiate(config["trainer"], "trainer")
    trainer = build.call(factory, "trainer", directory=None, callbacks=[], loggers=[])
    print(f"testing {path} on {config['data']['_target_']}", file=sys.stderr)
    trainer.test(task, data, verbose=False)
    return {name.removeprefix("test/"): float(value) for name, value in trainer.callback_metrics.items()}


def _overridden(config: dict[str, Any], overrides: list[str]) -> dict[str, Any]:
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    for override in overrides:
        if override.split(".")[0] not in ("data", "task", "trainer") or "=" not in override:
            raise UserError(f"only data.*, task.* and trainer.* values can be changed here, got {override!r}")
    tree = OmegaConf.create(config)
    OmegaConf.set_struct(tree, True)
    try:
        merged = OmegaConf.to_container(OmegaConf.merge(tree, OmegaConf.from_dotlist(overrides)), resolve=True)
    except (OmegaConfBaseException, HydraException) as error:
        raise UserError(" ".join(str(error).split())) from error
    assert isinstance(merged, dict)
    return {str(key): value for key, value in merged.items()}
