"""torchtext's words under our protocols; without torchtext, one line that says why not and what to do."""

import json
import subprocess
import sys
import unicodedata
from collections import namedtuple
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attnlab.commands import cli
from attnlab.data import TorchtextTokenizer, WordTokenizer
from attnlab.data.text import torchtext_library
from attnlab.data.text.encoded import EncodedTexts
from attnlab.data.text.tokenizers import restore_tokenizer
from attnlab.data.text.torchtext_library import load_torchtext
from attnlab.data.text.word_splitting import RULE, split_words
from attnlab.data.text.words import restore_word_tokenizer
from attnlab.errors import UserError
from attnlab.models.special_tokens import BOS, EOS, PAD, SPECIAL_TOKENS, UNK

needs_torchtext = pytest.mark.torchtext

TEXTS = ["The cat sees the dog.", "The dog sees: the cat!", "El niño ve al gato", "«Sí», dijo; el gato's gone"] * 3
SPLITTERS = ["basic_english", None]
STATE = {
    "family": "torchtext",
    "splitter": None,
    "vocab_size": 5,
    "min_frequency": 1,
    "splitting": RULE,
    "words": ["cat"],
}
WHY_NOT = r"this tokenizer is torchtext's, which needs torch 2.3.1 and Python 3.11 or 3.12, got torch \S+ and Python "


def _trained(**arguments: object) -> TorchtextTokenizer:
    tokenizer = TorchtextTokenizer(**{"splitter": "basic_english", "vocab_size": None, **arguments})  # type: ignore[arg-type]
    tokenizer.train(TEXTS)
    return tokenizer


_tokenizer = cache(lambda splitter: _trained(splitter=splitter))


# Where torchtext isn't


@pytest.fixture
def _without_torchtext(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torchtext", None)


@pytest.mark.usefixtures("_without_torchtext")
@pytest.mark.parametrize("task", ["translation", "summarization", "ner"])
def test_a_run_without_torchtext_is_refused_in_one_line_before_any_data_is_read(
    task: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("ATTNLAB_CACHE", str(tmp_path / "cache"))
    assert cli.main(["train", f"task={task}", "tokenizer=torchtext", "output_dir=run"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("error: this tokenizer is torchtext's, which needs torch 2.3.1")
    assert said.count("\n") == 1
    assert not list(tmp_path.glob("cache/*"))


@pytest.mark.usefixtures("_without_torchtext")
@pytest.mark.parametrize(
    "version, more",
    [((3, 12, 1), ""), ((3, 13, 0), " PYTHON_TORCHTEXT=python3.12"), ((3, 14, 0), " PYTHON_TORCHTEXT=")],
)
def test_the_refusal_says_what_to_run_and_with_which_python(
    version: tuple[int, int, int], more: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = namedtuple("Version", ["major", "minor", "micro"])(*version)
    monkeypatch.setattr(torchtext_library, "sys", SimpleNamespace(version_info=here))
    with pytest.raises(
        UserError, match=WHY_NOT + rf"3\.{version[1]}, where it is not installed .*setup-torchtext{more}"
    ):
        load_torchtext()


def test_torchtext_beside_another_torch_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "torchtext.py").write_text("raise OSError('undefined symbol: _ZN3c104impl8GPUTrace13gpuTraceStateE')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "torchtext", raising=False)
    with pytest.raises(UserError, match=WHY_NOT + ".* where it can not be loaded "):
        load_torchtext()


@pytest.mark.usefixtures("_without_torchtext")
@pytest.mark.parametrize("restore", [restore_tokenizer, restore_word_tokenizer])
def test_a_trained_model_of_torchtext_is_refused_likewise(restore) -> None:
    with pytest.raises(UserError, match=WHY_NOT):
        restore(STATE)


# Texts


@needs_torchtext
@settings(deadline=None)  # the first use loads torchtext
@given(st.text(), st.sampled_from(SPLITTERS))
@example("<pad> <s>\t</s> <unk>", None)
@example("<pad><s>", "basic_english")
@example('El NIÑO; "ve" <br /> don\'t. 猫\x00\x1c\u2028', "basic_english")
def test_a_text_is_decoded_to_those_of_its_words_that_are_known(text: str, splitter: str | None) -> None:
    tokenizer = _tokenizer(splitter)
    get_tokenizer = load_torchtext().data.utils.get_tokenizer
    (ids,) = tokenizer.encode([text])
    words = get_tokenizer(splitter)(unicodedata.normalize("NFC", text))
    known = {word for each in TEXTS for word in get_tokenizer(splitter)(each)}
    assert not {PAD, BOS, EOS} & set(ids)
    assert tokenizer.decode([BOS, *ids, EOS, PAD]) == " ".join(word if word in known else "<unk>" for word in words)


@needs_torchtext
def test_basic_english_makes_letters_small_and_whitespace_changes_nothing() -> None:
    for splitter, expected in (("basic_english", "the cat sees the dog ."), (None, TEXTS[0])):
        tokenizer = _tokenizer(splitter)
        assert tokenizer.decode(tokenizer.encode([TEXTS[0]])[0]) == expected


@needs_torchtext
def test_the_vocabulary_is_torchtexts_own() -> None:
    mine = _trained(vocab_size=13, min_frequency=4)
    torchtext = load_torchtext()
    split = torchtext.data.utils.get_tokenizer("basic_english")
    theirs = torchtext.vocab.build_vocab_from_iterator(
        map(split, TEXTS), min_freq=4, specials=list(SPECIAL_TOKENS), max_tokens=13
    )
    theirs.set_default_index(UNK)
    assert mine.tokens(range(len(mine))) == theirs.get_itos()
    assert mine.encode(TEXTS) == [theirs(split(text)) for text in TEXTS]


@needs_torchtext
def test_a_batch_is_what_torchtexts_transforms_make() -> None:
    tokenizer = _tokenizer("basic_english")
    transforms = load_torchtext().transforms
    encoded = EncodedTexts.from_lists([tokenizer.encode(TEXTS)])
    theirs = transforms.Sequential(
        transforms.VocabTransform(tokenizer._vocabulary),
        transforms.Truncate(4),
        transforms.AddToken(BOS, begin=True),
        transforms.AddToken(EOS, begin=False),
        transforms.ToTensor(padding_value=PAD),
    )
    rows = np.array([3, 0, 2])
    mine = torch.from_numpy(encoded.target_batch(rows, max_length=5))
    assert torch.equal(mine, theirs([tokenizer._words(TEXTS[row]) for row in rows]))


@needs_torchtext
def test_special_tokens_have_the_ids_that_all_vocabularies_share() -> None:
    for splitter in SPLITTERS:
        assert _tokenizer(splitter).tokens([PAD, BOS, EOS, UNK]) == list(SPECIAL_TOKENS)


@needs_torchtext
def test_the_vocabulary_holds_no_more_than_asked_and_only_frequent_words() -> None:
    assert len(_trained(vocab_size=7)) == 7
    assert _trained(vocab_size=6).tokens([4, 5]) == ["the", "cat"]
    assert len(_trained(min_frequency=10**6)) == len(SPECIAL_TOKENS)


@needs_torchtext
@pytest.mark.parametrize("splitter", SPLITTERS)
def test_the_state_is_plain_and_restores_the_tokenizer(splitter: str | None) -> None:
    tokenizer = _tokenizer(splitter)
    state = json.loads(json.dumps(tokenizer.state()))
    for restored in (restore_tokenizer(state), restore_word_tokenizer(state)):
        assert isinstance(restored, TorchtextTokenizer)
        assert restored.encode([*TEXTS, "the runes"]) == tokenizer.encode([*TEXTS, "the runes"])
        assert restored.state() == state
        assert restored.settings == tokenizer.settings
        assert restored.settings["library"] == "torchtext 0.18.0+cpu"


@needs_torchtext
def test_words_equally_frequent_have_the_same_order_in_every_process() -> None:
    code = (
        "import json; from attnlab.data import TorchtextTokenizer;"
        f"t = TorchtextTokenizer(splitter=None, vocab_size=11); t.train({TEXTS!r}); print(json.dumps(t.state()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == _trained(splitter=None, vocab_size=11).state()


@needs_torchtext
@pytest.mark.parametrize(
    "settings, message",
    [
        ({"vocab_size": 4}, r"vocab_size must be 5 or more, or null, .*, got 4 \(set tokenizer.vocab_size\)"),
        ({"min_frequency": 0}, r"min_frequency must be 1 or more, got 0 \(set tokenizer.min_frequency\)"),
    ],
)
def test_impossible_settings_are_refused(settings: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        _trained(**settings)


@needs_torchtext
@pytest.mark.parametrize("number", [-1, 9999])
def test_an_id_outside_the_vocabulary_has_no_word(number: int) -> None:
    with pytest.raises(ValueError, match=rf"^a token id must be below \d+, got {number}$"):
        _tokenizer(None).tokens([number])


# Words that have labels


@needs_torchtext
@settings(deadline=None, max_examples=20)  # each of its vocabularies takes a tenth of a second
@given(st.lists(st.text(min_size=1)))
@example(["don't", '"', ";", "<pad>", "Ada", "U.S."])
def test_each_word_has_one_id(words: list[str]) -> None:
    for splitter in SPLITTERS:
        tokenizer = TorchtextTokenizer(splitter=splitter, vocab_size=None)
        assert isinstance(tokenizer, WordTokenizer)
        tokenizer.train_words([words, ["Ada"]])
        ids = tokenizer.encode_words([*words, "Ada", "never-seen-before"])
        assert len(ids) == len(words) + 2
        assert not {PAD, BOS, EOS} & set(ids)
        assert all(each != UNK or "<" in word for each, word in zip(ids, [*words, "Ada"], strict=False))
        assert ids[-1] == UNK


@needs_torchtext
def test_a_word_that_torchtext_takes_apart_or_drops_is_one_word_here() -> None:
    tokenizer = TorchtextTokenizer(splitter="basic_english", vocab_size=None)
    tokenizer.train_words([["Don't", '"', "go", ";", "e\N{COMBINING ACUTE ACCENT}"]])
    found = tokenizer.tokens(tokenizer.encode_words(["DON'T", ";", '"', "É"]))
    assert found == ["don't", ";", '"', "é"]


@needs_torchtext
@pytest.mark.parametrize("splitter", SPLITTERS)
def test_text_is_split_into_words_as_for_any_vocabulary_of_words(splitter: str | None) -> None:
    text = 'e\N{COMBINING ACUTE ACCENT} “Paul’s” don\'t; "猫", İ.'
    assert _tokenizer(splitter).split(text) == split_words(text)


@needs_torchtext
def test_another_splitting_rule_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a vocabulary's splitting rule must be \w+, got 'runes'$"):
        restore_word_tokenizer({**STATE, "splitting": "runes"})
