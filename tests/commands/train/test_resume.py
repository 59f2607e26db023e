"""A run goes on by the values in its folder: what else may be given, and what a stranger's folder can't do."""

import json
import shutil
from collections.abc import Callable
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lightning.pytorch import Trainer
from same_run import assert_same_run
from tiny import run, write_corpus

from attnlab.commands import cli
from attnlab.commands.train import resume
from attnlab.config import compose, trusted_files
from attnlab.config.identity import run_hash
from attnlab.errors import UserError
from attnlab.launch.stop import Wish
from attnlab.runs import build, read_places, run_folder
from attnlab.runs.checkpoints import Checkpoints

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def folder() -> Path:
    """As a run begins it, without training."""
    return _begun(lambda _: None)


@cache
def _composed() -> str:
    chosen = ["task=image_classification", "data=image_folder", "data.root=images", "trainer.max_steps=8", "logger=csv"]
    return json.dumps(build.plain(compose.compose_run(chosen)))


def _begun(change: Change, place: str = "run") -> Path:
    config = json.loads(_composed()) | {"output_dir": place}
    change(config)
    run_folder.prepare(Path(place), config)
    return Path(place)


def _resumed(*overrides: str, config_dirs: tuple[str, ...] = (), trust: tuple[str, ...] = ()) -> resume.Resumed:
    return resume.resumed(["resume=run", *overrides], config_dirs=config_dirs, trust=trust)


def test_the_values_on_record_are_the_run(folder: Path) -> None:
    recorded = json.loads((folder / "config.json").read_text())
    recorded.pop("results")
    assert _resumed() == (recorded, False)


def test_data_that_only_the_record_names_is_told_before_it_is_read(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read_places._tell_once.cache_clear()
    _resumed("data.root=images")
    assert capsys.readouterr().err == ""
    _resumed()
    assert capsys.readouterr().err.startswith("reading images, where this run's record says that its data lies (set da")


def test_data_of_a_run_that_is_only_reported_is_not_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read_places._tell_once.cache_clear()
    (folder / "metrics.json").write_text('{"best": {"score": 0.5}, "test": {}, "results": 1}')
    _resumed()
    assert capsys.readouterr().err == ""
    _resumed("trainer.max_steps=9")
    assert capsys.readouterr().err.startswith("reading images, ")


def test_what_computes_nothing_may_be_given(folder: Path) -> None:
    config, _ = _resumed(
        "data.root='/else where'",
        "data.cache_dir=cache2",
        "data.num_workers=1",
        "trainer.threads=3",
        "trainer.enable_progress_bar=true",
        "logger=none",
        "+logger.mine={_target_:lightning.pytorch.loggers.CSVLogger,save_dir:logs}",
        "callbacks.samples.num_samples=3",
        "~callbacks.attention_maps",
        "+callbacks.rates={_target_:lightning.pytorch.callbacks.LearningRateMonitor}",
    )
    assert (config["data"]["root"], config["data"]["cache_dir"], config["data"]["num_workers"]) == (
        "/else where",
        "cache2",
        1,
    )
    assert (config["trainer"]["threads"], config["trainer"]["enable_progress_bar"]) == (3, True)
    assert list(config["logger"]) == ["mine"]
    assert config["callbacks"]["samples"]["num_samples"] == 3
    assert "attention_maps" not in config["callbacks"]
    assert "rates" in config["callbacks"]


@pytest.mark.parametrize(
    "override",
    [
        "optimizer.lr=0.1",
        "model.dim=16",
        "seed=3",
        "fresh=true",
        "output_dir=else",
        "output_root=else",
        "attention=dot",
        "experiment=ner_quickstart",
        "hydra.verbose=true",
        "trainer.precision=bf16-mixed",
        "trainer=debug",
        "data=bible_en_es",
        "+x=3",
        "~data.root",
        "++data.batch_size=3",
    ],
)
def test_nothing_else_may(folder: Path, override: str) -> None:
    with pytest.raises(UserError) as refused:
        _resumed(override)
    told = f"a run that is resumed goes on as it began, got {override} (drop resume to train another run with it, or "
    assert str(refused.value) == f"{told}drop it; {resume.RULE})"


@pytest.mark.parametrize(
    "override, message",
    [
        ("callbacks=none", r"got another callbacks.stop \(drop it\)"),
        ("callbacks.stop.patience=9", r"got another callbacks.stop \(drop it\)"),
        ("~callbacks.stop", r"got another callbacks.stop \(drop it\)"),
        (
            "+callbacks.ema={_target_:lightning.pytorch.callbacks.EMAWeightAveraging}",
            r"got another callbacks.ema \(drop it\)",
        ),
        ("+callbacks.mine={_target_:mine.Callback}", r"got another callbacks.mine \(drop it\)"),
        ("callbacks.sample.num_samples=3", "did you mean callbacks.samples"),
        ("trainer.threads=many", r"trainer.threads must be a whole number or null, got 'many'"),
        ("data.num_workers=many", r"data.num_workers must be a whole number, got 'many'"),
        ("trainer.threads=1,2", r"a run is resumed with one value of a key, got 'trainer.threads=1,2' \(give one\)"),
        ("resume=other", r"one run is resumed at a time, got resume=run resume=other"),
        ("trainer.max_steps=3", r"a run goes on to more updates, got trainer.max_steps=3, and run takes 8"),
    ],
)
def test_what_computes_is_named(override: str, message: str) -> None:
    stop = {"_target_": "lightning.pytorch.callbacks.EarlyStopping", "monitor": "val/loss", "patience": 3}
    _begun(lambda config: config["callbacks"].update(stop=stop))
    with pytest.raises(UserError, match=message):
        build.build_settings(_resumed(override).config)


EVIL = {"_target_": "os.system", "command": "touch evil"}


@pytest.mark.parametrize(
    "change, message",
    [
        (lambda c: c["callbacks"].update(x=EVIL), "the run would run 'os.system', which is not part of attnlab"),
        (lambda c: c["logger"].update(x=EVIL), "would run 'os.system'"),
        (lambda c: c["trainer"].update(EVIL), "would run 'os.system'"),
        (lambda c: c["data"].update(x=[EVIL]), "would run 'os.system'"),
        (lambda c: c["task"]["optimizer"].update(_target_="torch.hub.load"), "would run 'torch.hub.load'"),
        (lambda c: c["callbacks"].update(x={"_target_": "hydra.utils.call"}), "would run 'hydra.utils.call'"),
        (lambda c: c["callbacks"].update(x={"_target_": "lightning.pytorch.Trainer"}), "would run 'lightning.pytorch."),
        (lambda c: c["logger"].update(x={"a": "${oc.env:HOME}"}), r"holds an interpolation, got '\$\{oc.env:HOME\}'"),
        (lambda c: c["data"].update({"${oc.env:HOME}": 3}), "holds an interpolation"),
        (
            lambda c: c["logger"].update(x={"a": ["http://y"]}),
            r"its folder, got logger.x.a=\['http://y'\] \(give lo",
        ),
        (lambda c: c["callbacks"].update(x={"dirpath": "/etc"}), "beyond its folder, got callbacks.x.dirpath=/etc"),
        (lambda c: c["callbacks"].update(x={"dirpath": "run/../../x"}), "beyond its folder, got callbacks.x.dirpath"),
        (lambda c: c.pop("trainer"), r"without a whole trainer \(set resume to another run's folder\)"),
        (lambda c: c.update(callbacks=[3]), "without a whole callbacks"),
    ],
)
def test_a_strangers_folder_runs_nothing(change: Change, message: str) -> None:
    _begun(lambda _: None)
    path = Path("run/config.json")
    config = json.loads(path.read_text())
    change(config)
    path.write_text(json.dumps(config))
    for more in ([], ["trainer.max_steps=99"]):
        with pytest.raises(UserError, match=message):
            _resumed(*more)


def test_hydras_own_files_are_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What stands in them might be anything: handlers of logs, callbacks of Hydra's, folders of configurations."""
    (folder / ".hydra").mkdir()
    for name in ("overrides", "hydra", "config"):
        (folder / ".hydra" / f"{name}.yaml").write_text("- hydra.run.dir=elsewhere\n- +hydra.callbacks.x._target_: y\n")
    assert _resumed().config["output_dir"] == "run"
    for flag in ("--multirun", "--cfg=job", "--info"):
        assert cli.main(["train", "resume=run", flag]) == 2
        assert f"a run is resumed alone, by what its folder has on record, got {flag}" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "[]", "{}", "{", "3", '{"results": 1}', "[" * 100_000])
def test_what_is_no_runs_configuration_is_one_line(text: str) -> None:
    Path("run").mkdir()
    with pytest.raises(UserError, match=r"no run to resume, got run \(expected run/config.json; set resume to a run's"):
        _resumed()
    Path("run/config.json").write_text(text)
    with pytest.raises(UserError, match=r"this isn't a run's configuration, got run/config.json without a whole task"):
        _resumed()


def test_a_folders_name_is_not_resolved(folder: Path) -> None:
    folder.rename("run ${oc.env:HOME}")
    with pytest.raises(UserError, match=r"must be named without \$\{, got run \$\{oc.env:HOME\} \(rename it\)$"):
        resume.resumed(["resume='run ${oc.env:HOME}'"], config_dirs=(), trust=())


def test_a_longer_run_lies_beside_the_one_that_it_goes_on_from(tmp_path: Path) -> None:
    whole = json.loads(_composed())
    shutil.copytree(_begun(lambda _: None, whole["output_dir"]), tmp_path / "run")
    moved = Path("moved", *Path(whole["output_dir"]).parts)
    shutil.copytree(whole["output_dir"], moved)
    config, is_longer = resume.resumed([f"resume={moved}", "trainer.max_steps=99"], config_dirs=(), trust=())
    assert is_longer
    assert Path(config["output_dir"]) == (moved.parent / run_hash(config)).absolute()
    assert (
        _resumed("trainer.max_steps=99").config["output_dir"].startswith("outputs/image_classification/")
    )  # named by hand


def test_a_longer_run_of_a_strangers_lies_nowhere_else(folder: Path) -> None:
    for run_path in ("../../elsewhere/x", "/elsewhere/x", ""):
        recorded = json.loads((folder / "config.json").read_text()) | {"run_path": run_path}
        (folder / "config.json").write_text(json.dumps(recorded))
        with pytest.raises(UserError, match="a run lies within the folder of all runs, got run_path "):
            _resumed("trainer.max_steps=99")


MINE = """
from lightning.pytorch import Callback
from torch.optim import AdamW
from torch.hub import load

class Mine(AdamW):
    pass

class Watch(Callback):
    pass
"""


def test_a_run_that_moved_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the data elsewhere, the user's own folder of configurations gone, and another number of threads."""
    corpus = write_corpus(tmp_path / "corpus")
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "mine_of_a_user.py").write_text(MINE)
    monkeypatch.syspath_prepend(tmp_path / "lib")
    own = tmp_path / "own" / "optimizer"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text("_target_: mine_of_a_user.Mine\n_partial_: true\nlr: 0.01\n")
    more = ["optimizer=mine", "--config-dir", "own", "callbacks=none", "trainer.precision=auto"]
    watch = "+callbacks.watch={_target_:mine_of_a_user.Watch}"
    assert run(Path("corpus"), *more, watch, "output_dir=whole") == 0
    with monkeypatch.context() as patch:
        patch.setattr(Checkpoints, "_agreed", lambda self, trainer: Wish(int(_at_5(trainer))))
        assert run(Path("corpus"), *more, watch, "output_dir=parts") == 130
    for name in ("corpus", "parts", "own"):
        Path(name).rename(f"moved_{name}")
    resumes = ["train", "resume=moved_parts", f"data.root={tmp_path / 'moved_corpus'}", "trainer.threads=1"]
    capsys.readouterr()
    assert cli.main(resumes) == 2
    assert "(if it is yours: --trust mine_of_a_user)" in capsys.readouterr().err
    before = Path("moved_parts/config.json").read_text()
    assert cli.main([*resumes, "--trust", "mine_of_a_user"]) == 0
    assert corpus.name == "corpus"
    assert_same_run(Path("whole"), Path("moved_parts"))
    assert Path("moved_parts/config.json").read_text() == before
    assert "continuing at update 5 of 8" in Path("moved_parts/train.log").read_text()


def _at_5(trainer: Trainer) -> bool:
    return trainer.global_step == 5


@pytest.mark.parametrize(
    "key, value",
    [
        *(("run_path", each) for each in (7, None)),
        *(("seed", each) for each in ("a", -1, True, 2**40)),
        *(("results", each) for each in ("x", None, 0)),
        *(("trainer", each) for each in ({}, {"max_steps": "a"})),
        *(("data", each) for each in ({"corpus": None},)),
        *(("callbacks", each) for each in ({"x": 3},)),
        *(("name", None), ("fresh", "no"), ("output_dir", [])),
    ],
)
def test_values_of_another_kind_are_one_line(folder: Path, key: str, value: Any) -> None:
    recorded = json.loads((folder / "config.json").read_text())
    recorded[key] = recorded[key] | value if isinstance(value, dict) and value else value
    (folder / "config.json").write_text(json.dumps(recorded))
    with pytest.raises(UserError, match=rf"^{key}[\w.]* must be .* in a run's configuration, got .* \(set resume to"):
        _resumed()


@pytest.mark.parametrize("results", ["[]", "{}", "3", '{"best": {"score": "a"}, "test": {}}', "[" * 100_000])
def test_damaged_results_are_one_line(folder: Path, results: str) -> None:
    (folder / "metrics.json").write_text(results)
    with pytest.raises(UserError, match=r"this file of an earlier run is damaged, got run/metrics.json"):
        run_folder.finished(folder)


def test_resume_is_one_however_it_is_written(folder: Path) -> None:
    for spelled in ("+resume=run", "++resume=run"):
        assert resume.asked([spelled])
        assert resume.resumed([spelled], config_dirs=(), trust=()) == _resumed()
    for spelled, message in (
        ("resume=", "got nothing"),
        ("resume=null", "got null"),
        ("resume=run/config.json", "file"),
    ):
        with pytest.raises(UserError, match=message):
            resume.resumed([spelled], config_dirs=(), trust=())
    assert "csv" not in _resumed("logger.csv=null").config["logger"]


def test_a_longer_run_is_the_same_however_its_folder_is_spelled(folder: Path) -> None:
    spelled = ["run", "./run/", "../" + Path.cwd().name + "/run", str(folder.absolute())]
    configs = [resume.resumed([f"resume={each}", "trainer.max_steps=99"], config_dirs=(), trust=()) for each in spelled]
    assert len({run_hash(each.config) for each in configs}) == 1


def test_a_remedy_that_resume_refuses_says_what_can_be_done() -> None:
    with pytest.raises(UserError, match="beside resume that can't be changed: go on with it"), resume.remedies():
        raise UserError("16-mixed is for GPUs only (set trainer.precision)")
    with pytest.raises(UserError, match=r"^no \(set trainer.threads\)$"), resume.remedies():
        raise UserError("no (set trainer.threads)")


def test_a_torch_that_runs_code_goes_on_in_its_own_folder_and_in_another_if_that_is_said_to_be_ones_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trusted_files, "version", lambda name: "2.3.1")
    monkeypatch.setattr(trusted_files, "_OWN", ContextVar("_OWN", default=()))
    monkeypatch.setattr("attnlab.runs.train._trained", _reads_its_checkpoint)
    command = ["train", "task=image_classification", "data=synthetic_classification", "logger=none", "output_dir=run"]
    run_folder.prepare(Path("run"), build.plain(compose.compose_run(command[1:])))
    Path("run/checkpoints").mkdir(exist_ok=True)
    Path("run/checkpoints/last.ckpt").write_bytes(b"no checkpoint")
    assert cli.main(command) == 0
    assert cli.main(["train", "resume=run"]) == 2
    assert "by a checkpoint, got run/checkpoints/last.ckpt (add --trust-file" in capsys.readouterr().err
    assert cli.main(["train", "resume=run", "--trust-file"]) == 0


def _reads_its_checkpoint(_config: dict[str, Any], directory: Path, *_: Any, **__: Any) -> float:
    trusted_files.check_file(directory / "checkpoints" / "last.ckpt")
    return 0.0
