"""Mistakes that people make, at the command itself: each is one line that says what is wrong and what to do."""

import re
import shlex
import sys
from pathlib import Path

import pytest
from tiny import write_corpus

from attnlab.commands import cli

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

OWN_CODE = """
from torch import nn

class NearestAttention(nn.Module):
    def __init__(self, *, num_heads, head_dim, role, max_length, dropout, temperature: float = 1.0):
        super().__init__()

class Table:
    def __init__(self, *, file: str):
        pass

class Lazy:
    def __init__(self, *, folder, **rest):
        pass

NUMBER = 3
"""
CORE = "core:\n  _target_: own_code.{}\n  _partial_: true\n{}"
SHELL = "defaults: [_shell, _self_]\n"
FILES = {
    "own_code.py": OWN_CODE,
    "own/attention/nearest.yaml": SHELL + CORE.format("NearestAttention", "  temprature: 4.0\n"),
    "own/attention/warm.yaml": SHELL + CORE.format("NearestAttention", "  temperature: warm\n"),
    "own/attention/noclass.yaml": SHELL + CORE.format("NearstAttention", ""),
    "own/attention/number.yaml": SHELL + CORE.format("NUMBER", ""),
    "own/attention/bare.yaml": CORE.format("NearestAttention", ""),
    "own/attention/astray.yaml": "defaults: [_shel, _self_]\n" + CORE.format("NearestAttention", ""),
    "own/attention/tab.yaml": "core:\n\ta: 1\n",
    "own/attention/open.yaml": "defaults: [_shell, _self_\ncore:\n  a: 1\n",
    "own/attention/colon.yaml": "defaults: [_shell, _self_]\ncore: a: b\n",
    "own/attention/word.yaml": SHELL + "core:\n  _target_ own_code.NearestAttention\n  _partial_: true\n",
    "own/attention/alone.yaml": "_target_: own_code.NearestAttention\n_partial_: true\n",
    "own/data/lazy.yaml": (
        "defaults: [parallel_text, _self_]\ncorpus: {_target_: own_code.Lazy}\nsource: en\ntarget: es\n"
    ),
    "own/attention/rows.yaml": "- a\n- b\n",
    "own/experiment/flat.yaml": "optimizer: {lr: 0.1}\n",
    "own/experiment/plain.yaml": "# @package _global_\ntask: ner\n",
    "files/mine.yaml": "control: a\n",
    "own/data/tab.yaml": (
        "defaults: [parallel_text, _self_]\ncorpus:\n  _target_: own_code.Table\n  file: a\nsource: en\ntarget: es\n"
    ),
    "own/optimizer/plain.yaml": "_target_: torch.optim.SGD\n_partial_: true\nlr: 0.1\nmomentun: 0.9\n",
    "own/experiment/astray.yaml": "# @package _global_\ndefaults:\n  - override /modle: vit\n",
    "files/train.txt": "The O\nEU B-ORG\nrejects O\nGerman MISC\ncall I-PER\n\n",
    "files/dev.txt": "The O\nEU B-ORG\n\n",
    "files/test.txt": "The O\nEU B-ORG\n\n",
}
NER = "train task=ner data=conll data.root=files output_dir=run"
CROSS = r"got role cross \(set {}\); cross is served by additive, .*uniform"

# What is typed, and the line that answers.
MISTAKES = {
    # of which more is told by a guess than by a long list
    "train attention=aditive": r"\(did you mean additive\?\) \(set attention; attnlab list attention names all\)$",
    # what an experiment sets for data of its own
    "train experiment=translation_quickstart data=multi30k": (
        r"sets data.corpus.max_words for its data=bible_en_es, and data=multi30k has no such key "
        r"\(add ~data.corpus.max_words, or choose task=translation"
    ),
    # a pattern, or a file, where the folder of the data belongs
    "train task=language_modelling data=text_files data.root=files/*.txt": (
        r"must be a folder, got the pattern files/\*.txt \(set data.root=files data.corpus.train='\*.txt'\)"
    ),
    "train task=ner data=conll data.root='fil*/x' output_dir=run": r"got the pattern fil\*/x \(set data.root=.\)",
    "train task=ner data=conll data.root=files/dev.txt output_dir=run": r"got the file .* \(set data.root=files\)",
    # options that aren't there, beside one that is needed
    "export last --format onnx": r"got --format onnx \(did you mean --onnx\?\)",
    "export last --onx a.onnx": r"got --onx \(did you mean --onnx\?\)",
    "train resume=run attention=cosine": r"goes on as it began, got attention=cosine \(drop resume to train another",
    "figures run --pdf": r"no such option of attnlab figures, got --pdf \(did you mean --format pdf\?\)",
    "study plan attention_in_ner": r"got plan attention_in_ner \(write attnlab study attention_in_ner, with --dry-run",
    # parts that aren't there
    "train attention=warmer": r"no attention is named 'warmer'.*; a file of your own needs --config-dir",
    "train attention=nearest": r"own/attention/nearest.yaml is there \(add --config-dir own\)",
    "train attention=own_code.NearestAttention": r"\(write DIR/attention/NAME.yaml with _target_: own_code.Nearest",
    "train attention=nearest.yaml --config-dir own": r"\(write attention=nearest\)",
    "train attention=nearest --config-dir own/attention": r"\(set --config-dir own\)",
    "train experiment=quickstart": r"\(did you mean .*ner_quickstart, .* or translation_quickstart\?\)",
    "train data=files": r"see attnlab list data; set data=NAME data.root=files",
    "train feature_attention=additive task=image_classification": r"it is a name of attention \(write attention=add",
    "train model=transformer model.self_attention=additive": r"no slot self_attention; it has model.cross_attention, ",
    "train -m attention=[additive,uniform]": r"or for a sweep attention=additive,uniform with -m",
    "train model={dim:3}": r"model=NAME chooses a file, .* \(write model.KEY=VALUE",
    # what doesn't fit
    "train task=ner model=vit": r"model=vit is for task=image_classification, .*\(set model to one of bilstm_crf, ",
    "train task=ner data=bible_en_es": r"is for task=translation, got task=ner \(set data to one of bible_names, ",
    "train attention=alibi output_dir=run": CROSS.format("attention"),
    "train model=transformer model.cross_attention=alibi output_dir=run": CROSS.format("model.cross_attention"),
    # keys that aren't there
    "train lr=0.1": r"no key 'lr' \(did you mean optimizer.lr\?\)$",
    "train tsk=ner model=bilstm_crf": r"no key 'tsk' \(did you mean task\?\)",
    "train --max-steps 2": r"\(write max_steps=2\)",
    "train model.hiden=12": r"no key 'model.hiden' \(did you mean model.dim\?\)",
    "train batch_size=16": r"\(did you mean data.batch_tokens\?\)",
    "train callbacks.early_stopping.patience=3": r"\(choose it first: callbacks=\[default,early_stopping\]\)",
    "train optimizer.betas=0.9": r"must be a list, got 0.9 \(write optimizer.betas=\[0.9,0.9",
    "train 'name=${nothing}'": r"a value refers to what isn't there, got name=",
    # how it is written
    "train attention = additive": r"\(without spaces: write attention=additive\)",
    "train 'model.dim = 3'": r"\(write model.dim=3\)",
    "train model.dim:3": r"\(write model.dim=3\)",
    "train --attention additive": r"values have no dashes \(write attention=additive\)",
    "train --resume run": r"values have no dashes \(write resume=run\)",
    "train --multirn": r"\(did you mean --multirun\?\)",
    "train additive": r"\(write attention=additive\)",
    "train task": r"\(write task=NAME\)",
    "train =3": r"an override is KEY=VALUE, got '=3'",
    "train myconf.yaml": r"\(a file of settings is an experiment: put it at DIR/experiment/myconf.yaml, ",
    "train --config myconf.yaml": r"'--config': a file of settings is DIR/experiment/myconf.yaml \(write exp",
    "train device=cuda": r"no key 'device' \(did you mean trainer.accelerator\?\)",
    "train data=my/corpus": r", and there is no my/corpus here \(.*set data=NAME data.root=my/corpus",
    "train --resolve": r"--resolve is of what --cfg shows, got it alone \(add --cfg job\)",
    "train --cfg job --package modle": r"no key 'modle' \(did you mean model\?\)",
    "train attention=softmax": r"is scaled_dot here \(write attention=scaled_dot\)",
    "train trainer.max_steps=1e4": r"got 10000.0 \(write trainer.max_steps=10000\)",
    "train data=parallel_text data.root=no data.source=en data.target=es output_dir=run": r"got no \(set data.root\)",
    "train -m seed=1..3": r"\(write seed=1,2,3 with -m for each from 1 to 3\)",
    "train attention=": r"attention is needed, got nothing \(choose from additive, ",
    "train model=transformer model.cros_attention=additive": r"\(did you mean model.cross_attention\?\); it has model.",
    "train model=transformer model.cross_attention=aditive": r"mean additive\?\) \(set model.cross_attention; ",
    "train model=transformer +attention@model.self_attention=additive": r"has no slot self_attention; it has model.",
    "train model=transformer model.cross_attention.core.window=5": r"has such a key, as model.cross_attention=NAME\)$",
    "train optimizer.lr=interval(0.01)": r"takes LOW, HIGH: write 'optimizer.lr=interval\(LOW,HIGH\)'",
    "train --config-dir": r"--config-dir needs a value: write --config-dir DIR ",
    "train callbacks.samples.num=3": r"\(did you mean callbacks.samples.num_samples\?\)",
    "train --info al": r"--info is one of all, config, .* \(did you mean all\?\), got 'al'",
    "train --cfg jobs": r"--cfg is one of job, hydra, all \(did you mean job\?\), got 'jobs'",
    "train data=parallel_text data.root=files": (
        r"data.source \(a language's code, as en, .* and data.target \(.*\) must be given; files holds dev.txt, m"
    ),
    "train data=parallel_table data.root=files data.corpus.train=train.txt": r"files/train.txt begins with 'The O' \(",
    # one's own files
    "study files/mine.yaml": r"\(move it to files/study/mine.yaml, and write attnlab study mine --config-dir files\)",
    "study own/study/nosuch.yaml": r"there is no such file, .*\(write attnlab study NAME --config-dir DIR for DIR/",
    "train attention=tab --config-dir own": r"got a tab, where spaces are needed at line 2 of .*tab.yaml, 'a: 1'",
    "train attention=open --config-dir own": r"a bracket or a brace that isn't closed at line .* of .*open.yaml",
    "train attention=colon --config-dir own": r"a second colon, .* at line 2 of .*colon.yaml, 'core: a: b'",
    "train attention=latin --config-dir own": r"must be UTF-8, got the byte 0xe9 in own/attention/latin.yaml \(save it",
    "train attention=word --config-dir own": r"without KEY: VALUE at line 3 of .*word.yaml, '_target_ own_code.Nea",
    "explain alone --config-dir own": r"attention must stand in the shell, got own_code.NearestAttention in its place",
    "train data=lazy --config-dir own output_dir=run": r"^error: Lazy needs folder \(set \+data.corpus.folder\)$",
    "train attention=additive --config-dir owm": r"no such folder, got owm \(did you mean own\?\)",
    "train attention=own_code": r"_target_: own_code.CLASS, and attention=NAME --config-dir DIR\)",
    "train attention=rows --config-dir own output_dir=run": r"attention must be a group of values, got a list of 2",
    "train experiment=flat --config-dir own": r"\(begin experiment/flat.yaml with the line # @package _global_\)",
    "train experiment=plain --config-dir own": r"task must be a group of values, got 'ner' \(write override /task: ner",
    "train attention=warm --config-dir own attention.core.heat=1": r"attention.core has temperature",
    "train init_from=files/train.txt": r"no file of weights, got files/train.txt, which begins with b'Th' \(",
    "train init_from=files": r"the folder files without checkpoints/best.ckpt \(set init_from to a run's folder\)",
    "train init_from=nowhere": r"got nowhere, which isn't there \(set init_from to a run's folder, or a file: .ckpt",
    "train attention=nearest --config-dir own output_dir=run": (
        r"attention.core takes no 'temprature' \(did you mean temperature\?\).*"
        r"\(write temperature: 4.0 in own/attention/nearest.yaml\)"
    ),
    "train attention=warm --config-dir own output_dir=run": r"core.temperature must be a number, got 'warm' \(set",
    "train attention=noclass --config-dir own output_dir=run": r"\(did you mean NearestAttention\?\).*in own/att",
    "train attention=number --config-dir own output_dir=run": r"must name a class or a function, got own_code.NUMBER",
    "train attention=bare --config-dir own output_dir=run": r"\(begin own/attention/bare.yaml with defaults: \[",
    "train attention=astray --config-dir own": r"attention/astray.yaml has _shel in its defaults.*mean _shell\?\)",
    "train data=tab --config-dir own output_dir=run": (
        r"takes no 'train_source' nor 'train_target' .*; it takes file \(drop them, which where a file in defaults: "
        r"brings them is ~data.corpus.train_source ~data.corpus.train_target .*~data.corpus.encoding\)$"
    ),
    "train optimizer=plain --config-dir own output_dir=run": r"SGD takes no 'momentun' \(did you mean optimizer.mom",
    "train experiment=astray --config-dir own": r"overrides modle in its defaults, .*\(did you mean model\?\)",
    # values and machines
    "train model.dropout=10 output_dir=run": r"got 10 \(set model.dropout\)",
    "train trainer.limit_test_batches=2.5 output_dir=run": r"got 2.5 \(set trainer.limit_test_batches\)",
    "train output_dir=/proc/run": r"can't write .*/proc/run: nothing can be made there \(set output_root, or",
    NER: r"must be O or such as B-PER, got 'MISC' at line 4 of files/train.txt",
    "train data=parallel_text data.root=files/train.txt data.source=en data.target=es output_dir=run": (
        r"data.root must be a folder, got the file files/train.txt \(set data.root=files data.corpus.train_source="
    ),
    # other commands
    "export": r"attnlab export needs RUN, ",
    "export run": r"attnlab export needs one of --onnx, --torch-export, got none",
    "export run --onnx a --torch-export b": r"one of --onnx and --torch-export can be given, got both \(drop one\)",
    "figures run --format gif": r"--format must be one of png, pdf, svg, got 'gif'",
    "evaluate data.root=files run": r"a run comes first, got data.root=files \(give a run's folder",
    "list runs own_code.py": r"this is a file, got own_code.py \(give a folder with runs",
    "check own_code.Nope": r"it has NearestAttention, Table, Lazy \(looked in",
    "check own_code.NearestAttention --set temperature=hot": r"temperature must be a number, got 'hot' \(set --set",
    "explain own_code.NearestAttention": r"\(write DIR/attention/NAME.yaml .* and attnlab explain NAME --config",
    "data own_code.py": r"got the file own_code.py \(write attnlab data NAME data.root=.;",
    "predict": r"attnlab predict needs RUN, ",
    "predict run text --beam-size two": r"--beam-size must be a whole number, got 'two'",
    "predict run text --bean-size 2": r"no such option of attnlab predict, got --bean-size \(did you mean --beam-size",
    "check torch.nn.Linear": r"torch.nn.Linear isn't built as a mechanism is: it takes in_features",
    "check own_code.py": r"\(write own_code.NearestAttention or own_code.Table or own_code.Lazy\)",
    "check attention=additive": r"\(write additive\)",
    "check vit": r"no mechanism is named 'vit', which is the model vit",
    "check attnlab.attention.Additive": r"\(did you mean AdditiveAttention\?\)",
    "check local --set window=a": r"window must be a whole number, got 'a' \(set --set window=...\)",
    "explain attention=local attention.core.windo=3": r"no key 'attention.core.windo' \(did you mean .*window\?\)",
    "doctor --jsn": r"\(did you mean --json\?\)",
    "doctor now": r"too many arguments of attnlab doctor, got now: drop now",
    "explain additive --config-dir": r"--config-dir needs a value, got none: write --config-dir DIR ",
    "explain --attention additive": r"values have no dashes \(write attention=NAME\)",
    "explain --attention=additive": r"values have no dashes \(write attention=additive\)",
    "check math.sqrt": r"got a function \(give its class, as my_package.MyAttention\)",
    "check torch.nn.functional.linear": r"must be a class, got a ",
    "task=ner attention=additive": r"a command comes first, got 'task=ner' \(write attnlab train task=ner \.\.\.\)",
    "-m predict run": r"a command comes first, got '-m' \(write attnlab predict -m ",
    "TRAIN": r"no such command, got 'TRAIN' \(did you mean train\?\)",
    "compare run --margin small": r"--margin must be a number, got 'small'",
}


@pytest.fixture
def _workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "own_code", raising=False)  # another test's, from another folder
    for name, text in FILES.items():
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    Path("own/attention/latin.yaml").write_bytes(b"# caf\xe9\ncore:\n  a: 1\n")


@pytest.mark.usefixtures("_workplace")
@pytest.mark.parametrize("typed", MISTAKES)
def test_a_mistake_is_answered_by_one_line_that_says_what_to_do(typed: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(shlex.split(typed)) == 2
    *_, said = capsys.readouterr().err.splitlines()
    assert said.startswith("error: ")
    assert re.search(MISTAKES[typed], said), said
    assert "Traceback" not in said


def test_a_refused_run_holds_no_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """What was refused before it trained is corrected by the same command with another value."""
    files = write_corpus(Path("corpus"))
    own = ["data=parallel_text", f"data.root={files}", "data.source=en", "output_dir=run"]
    for target in ("fr", "de"):
        assert cli.main(["train", *own, f"data.target={target}"]) == 2
        assert f"got {files}/train.{target}, which doesn't" in capsys.readouterr().err
        assert not Path("run").exists()
