"""A study of tiny translators, in a folder of configs of one's own."""

from pathlib import Path
from typing import Any

import yaml
from tiny import tiny, write_corpus

from attnlab.study.arms import Arm, Difference
from attnlab.study.decoding_state import StateBytes
from attnlab.study.design import Study, load, of_values
from attnlab.study.judged import Judged
from attnlab.study.ledger import Costs, Parameters
from attnlab.study.matching import Matched
from attnlab.study.operations import Operations
from attnlab.study.plan import Job, Plan
from attnlab.study.workshop import PlannedArm

ARMS: dict[str, Any] = {"uniform": ["attention=uniform"], "additive": ["attention=additive"]}


def write_study(folder: Path, name: str = "small", **values: Any) -> Path:
    """FOLDER/study/NAME.yaml with these values; the folder."""
    path = folder / "study" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump({"control": "uniform", "arms": ARMS} | values, sort_keys=False))
    return folder


def tiny_base(folder: Path) -> list[str]:
    """Overrides of a tiny translator, whose corpus, cache and runs lie in a folder."""
    own = [each for each in tiny(write_corpus(folder / "corpus"))[1:] if not each.startswith("data.cache_dir=")]
    return [*own, f"data.cache_dir={folder / 'cache'}", f"output_root={folder / 'outputs'}"]


def tiny_study(folder: Path, **values: Any) -> Study:
    """That study, read; two seeds and no control arms unless asked for."""
    given = {"base": tiny_base(folder), "controls": [], "seeds": 2} | values
    return load("small", config_dirs=[str(write_study(folder, **given))])


def made_plan(**values: Any) -> Plan:
    """A plan made by hand, of an arm that is matched from afar and one that is confounded."""
    study = of_values(
        "small", Path("small.yaml"), {"control": "uniform", "arms": ARMS | {"none": ["model=seq2seq"]}} | values
    )
    mechanism = Difference("model.attention.core._target_", "attnlab.attention.A", "attnlab.attention.B", "mechanism")
    matched = Matched(key="model.dim", value=9, cost=103, target=100)
    arms = (
        PlannedArm(arm=made_arm("uniform"), costs=COSTS),
        PlannedArm(arm=made_arm("additive"), costs=COSTS, differences=(mechanism,), matched=matched),
        PlannedArm(
            arm=made_arm("none", confounded=True),
            costs=Costs(parameters=COSTS.parameters, forward=None, state=None, slots={}),
            differences=(Difference("model.depth", 1, None, "confounded"),),
        ),
    )
    jobs = tuple(
        Job(arm=each.name, seed=seed, overrides=(f"seed={seed}",), config={}, folder=Path("outputs", each.name))
        for seed in study.seeds
        for each in arms
    )
    return Plan(
        study=study,
        arms=arms,
        left_out={"identity": "this model has no slot for it"},
        unmatched={"none": "it has no such key"},
        judged=Judged(metric="chrf", better="max", margin=study.margin),
        example="a training example",
        jobs=jobs,
        folder=Path("outputs/studies/small/0123456789"),
    )


COSTS = Costs(
    parameters=Parameters(total=1234, trainable=1230, attention=56),
    forward=Operations(7000, 89),
    state=StateBytes(8, 16, 32),
    slots={"cross": "uniform"},
)


def made_arm(name: str, *, confounded: bool = False) -> Arm:
    """One without a configuration to speak of."""
    configs: dict[int, Any] = {0: {"trainer": {"max_steps": 20}, "output_root": "outputs"}}
    return Arm(name=name, overrides=(), confounded=confounded, added=False, configs=configs, seed_keys=())
