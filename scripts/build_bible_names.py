"""Build the bundled name-recognition set: verses of the World English Bible with PER, LOC, GROUP and DEITY tags.

    python scripts/build_bible_names.py            # needs apt-get, dpkg-deb and pysword; run `apt-get update` first
    python scripts/build_bible_names.py --score    # only compares the silver tags with the test set read by hand

Writes bible_names.{train,val,test}.conll.gz and bible_names.md to src/attnlab/data/bundled. The verses and the splits
are those of bible_en_es.tsv.gz there. Train and val carry the tagger's silver tags; test carries those of
bible_names_corrections.tsv. The same packages give the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import tempfile
from pathlib import Path
from typing import NamedTuple

from bible_names_tagger import TOKEN, Mention, Tagger, to_iob2
from strongs_lexicon import Lexicon, read_dictionary, tagged_words
from sword_module import Reference, Verses, download, read_module

PACKAGES = ("sword-text-web", "sword-text-kjv", "sword-dict-strongs-hebrew", "sword-dict-strongs-greek")
ENGLISH_MODULE, KING_JAMES_MODULE = "engWEB2015eb", "engKJV2006eb"
BUNDLED = Path(__file__).resolve().parents[1] / "src" / "attnlab" / "data" / "bundled"
CORRECTIONS = Path(__file__).with_name("bible_names_corrections.tsv")
SIZES = {"train": 10_000, "val": 1_000, "test": 350}
KINDS = ("PER", "LOC", "GROUP", "DEITY")


class Verse(NamedTuple):
    reference: Reference
    text: str
    tokens: list[str]
    mentions: list[Mention]


def parse_reference(text: str) -> Reference:
    book, _, place = text.rpartition(" ")
    chapter, _, verse = place.partition(":")
    return Reference(book, int(chapter), int(verse))


def read_verses(bundled: Path) -> dict[str, list[tuple[Reference, str]]]:
    """The English verses of each split of the translation corpus."""
    lines = gzip.decompress((bundled / "bible_en_es.tsv.gz").read_bytes()).decode().removesuffix("\n").split("\n")
    splits: dict[str, list[tuple[Reference, str]]] = {split: [] for split in SIZES}
    for line in lines[1:]:
        reference, split, english, _ = line.split("\t")
        splits[split].append((parse_reference(reference), english))
    return splits


def sample(verses: list[tuple[Reference, str]], size: int) -> list[tuple[Reference, str]]:
    """As many verses as asked, spread evenly by a hash of the reference, in canonical order."""
    drawn = sorted(verses, key=lambda verse: hashlib.sha256(f"bible_names {verse[0]}".encode()).digest())[:size]
    chosen = {reference for reference, _ in drawn}
    return [verse for verse in verses if verse[0] in chosen]


def numbers_of(tokens: list[str], raw: str) -> list[list[str]]:
    """The Strong's numbers of each token: the markup's words stand in the order of the tokens, but some are missing."""
    words = tagged_words(raw)
    found: list[list[str]] = []
    position = 0
    for token in tokens:
        window = range(position, min(position + 8, len(words)))
        match = next((index for index in window if words[index][0] == token), None)
        found.append([] if match is None else words[match][1])
        position = position if match is None else match + 1
    return found


def silver(sword_root: Path, splits: dict[str, list[tuple[Reference, str]]]) -> dict[str, list[Verse]]:
    """The drawn verses of every split, tagged by the tagger."""
    english = read_module(sword_root, ENGLISH_MODULE)
    king_james: Verses = read_module(sword_root, KING_JAMES_MODULE)
    folder = sword_root / "modules" / "lexdict" / "zld"
    dictionaries = {"G": read_dictionary(folder / "strongsgreek"), "H": read_dictionary(folder / "strongshebrew")}
    lower = {token for verses in splits.values() for _, text in verses for token in TOKEN.findall(text)}
    lexicon = Lexicon(king_james, english, dictionaries)
    tagger = Tagger(lexicon, frozenset(token for token in lower if token[0].islower()))
    tagged: dict[str, list[Verse]] = {}
    for split, verses in splits.items():
        tagged[split] = []
        for reference, text in sample(verses, SIZES[split]):
            tokens = TOKEN.findall(text)
            mentions = tagger.tag(tokens, numbers_of(tokens, english[reference]), reference)
            tagged[split].append(Verse(reference, text, tokens, mentions))
    return tagged


# --- The test set that was read ---------------------------------------------------------------------------------------


def read_by_hand(path: Path, silver_test: list[Verse]) -> list[Verse]:
    """The test verses with the mentions of the corrections file, one a row, which must name every verse."""
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    by_verse: dict[str, list[list[str]]] = collections.defaultdict(list)
    for row in rows:
        by_verse[row[0]].append(row)
    corrected = []
    for verse in silver_test:
        mentions = []
        for _, start, end, name, kind, _ in by_verse.pop(str(verse.reference)):
            if kind == "-":
                continue
            mentions.append(Mention(int(start), int(end), kind))
            if " ".join(verse.tokens[int(start) : int(end)]) != name:
                raise ValueError(f"{path.name} must agree with the text, got {name!r} at {verse.reference}:{start}")
        corrected.append(verse._replace(mentions=mentions))
    if by_verse:
        raise ValueError(f"{path.name} must hold only test verses, got {', '.join(by_verse)}")
    return corrected


class Score(NamedTuple):
    found: int
    silver: int
    true: int

    def __str__(self) -> str:
        precision, recall = self.found / self.silver, self.found / self.true
        f1 = 2 * self.found / (self.silver + self.true)
        return f"{precision:.3f} | {recall:.3f} | {f1:.3f} | {self.true}"


def score(silver_test: list[Verse], test: list[Verse]) -> dict[str, Score]:
    """Strict entity scores of the silver tags: a mention counts if its bounds and its kind are right."""
    pairs = [(set(guess.mentions), set(verse.mentions)) for guess, verse in zip(silver_test, test, strict=True)]
    scores = {}
    for kind in (*KINDS, "all"):
        counted = [
            ({m for m in guess if kind in (m.kind, "all")}, {m for m in true if kind in (m.kind, "all")})
            for guess, true in pairs
        ]
        scores[kind] = Score(
            sum(len(guess & true) for guess, true in counted),
            sum(len(guess) for guess, _ in counted),
            sum(len(true) for _, true in counted),
        )
    return scores


# --- The whole --------------------------------------------------------------------------------------------------------


def to_conll(verses: list[Verse]) -> bytes:
    blocks = []
    for verse in verses:
        tags = to_iob2(verse.mentions, len(verse.tokens))
        rows = [f"{token}\t{tag}" for token, tag in zip(verse.tokens, tags, strict=True)]
        blocks.append("\n".join([f"# id = {verse.reference}", f"# text = {verse.text}", *rows, "", ""]))
    return "".join(blocks).encode()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=BUNDLED, help="folder to write to (default: %(default)s)")
    parser.add_argument("--score", action="store_true", help="print the silver tags' scores on the test set, and stop")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = download(PACKAGES, Path(folder))
        packages = sorted(path.name for path in Path(folder).glob("*.deb"))
        verses = silver(root, read_verses(BUNDLED))
    silver_test = verses["test"]
    verses["test"] = read_by_hand(CORRECTIONS, silver_test)
    scores = score(silver_test, verses["test"])
    print("\n".join(f"{kind}: precision | recall | F1 | mentions = {value}" for kind, value in scores.items()))
    if arguments.score:
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    texts = {split: to_conll(verses[split]) for split in SIZES}
    compressed = {split: gzip.compress(text, compresslevel=9, mtime=0) for split, text in texts.items()}
    for split, data in compressed.items():
        (arguments.out / f"bible_names.{split}.conll.gz").write_bytes(data)
    page = describe(verses, silver_test, scores, packages, compressed)
    (arguments.out / "bible_names.md").write_text(page, encoding="utf-8")
    print(f"{sum(map(len, verses.values()))} verses, {sum(map(len, compressed.values()))} bytes, in {arguments.out}")


def counts_table(verses: dict[str, list[Verse]]) -> str:
    rows = []
    for split, chosen in verses.items():
        kinds = collections.Counter(mention.kind for verse in chosen for mention in verse.mentions)
        named = sum(bool(verse.mentions) for verse in chosen)
        tokens = sum(len(verse.tokens) for verse in chosen)
        rows.append(
            f"| {split} | {len(chosen)} | {named} | {tokens} | {' | '.join(str(kinds[kind]) for kind in KINDS)} |"
        )
    return "\n".join(rows)


def describe(
    verses: dict[str, list[Verse]],
    silver_test: list[Verse],
    scores: dict[str, Score],
    packages: list[str],
    compressed: dict[str, bytes],
) -> str:
    changed = sum(guess.mentions != verse.mentions for guess, verse in zip(silver_test, verses["test"], strict=True))
    sums = "\n".join(
        f"sha256 of `bible_names.{split}.conll.gz`: `{hashlib.sha256(data).hexdigest()}`"
        for split, data in compressed.items()
    )
    table = "\n".join(f"| {kind} | {value} |" for kind, value in scores.items())
    return f"""# bible_names: names of persons, places, groups and deities in the World English Bible

Two tab-separated columns, token and IOB2 tag, in `bible_names.train.conll.gz`, `bible_names.val.conll.gz` and
`bible_names.test.conll.gz` (UTF-8). Each verse opens with `# id = John 3:16` and `# text = ...` and ends with a blank
line. The text without its spaces is the tokens joined, so offsets can be computed. **Train and val carry silver tags,
made by rules; only test was read.**

| Split | Verses | With a name | Tokens | {" | ".join(KINDS)} |
|---|---|---|---|---|---|---|---|
{counts_table(verses)}

- Source: the Debian packages
  {f",{chr(10)}  ".join(f"`{package}`" for package in packages)}.
  The text is the World English Bible (module `{ENGLISH_MODULE}`), taken verse for verse from `bible_en_es.tsv.gz`
  beside this file, whose splits by book and whose dropped quotations hold here as well. Of each split, as many verses
  as the table says are drawn by a hash of their reference, whether they hold names or not.
- Licence: the World English Bible, the King James Version's SWORD module (outside the United Kingdom) and Strong's
  dictionaries are in the public domain; of the latter two nothing but the tags derived from them is here. "World
  English Bible" is a trademark of eBible.org; the wording is unchanged. The tags and this page are part of this
  project and under its MIT licence.
- Tokens: runs of letters (with inner hyphens and apostrophes: `Obed-Edom`, `don’t`), the possessive `’s`, and every
  other mark alone.

## How the silver tags were made

1. The texts carry Strong's numbers. A capitalised word takes the kinds that Strong's dictionaries give its numbers
   ("the name of two Israelites", "a place in Palestine", "patronymic"), counting a number only where the King James
   Version has it on a capitalised word of the same verse.
2. A table (`scripts/bible_names_table.py`) overrides this for some hundreds of names, lists what isn't a name, joins
   names of several words, and says in which chapters a name means the man, the people, the place or the god.
3. Rules of context (`scripts/bible_names_tagger.py`) decide between a man, his people and their land.

Rules and table were made from training and validation books; where they speak of books by kind (the prophets), test
books are among them. No entry was made because of a test verse, and names that occur in test books alone were taken
out of the table. Step 1 counts the Strong's numbers of all books.

## How the test set was made

The silver tags of {len(silver_test)} verses were read and corrected, one verse at a time and once, by the assistant of
the project's authors, a language model, without a second annotator, against the guideline below. {changed} verses
changed. All mentions as they stand, and what the silver tags had said, are in `scripts/bible_names_corrections.tsv`.
Since the reader saw the silver tags, and wrote the rules that made them, the test set leans towards them. Most of its
names are from Acts, so it tells little about rare Hebrew names, about genealogies, or about telling Israel the man
from the people: expect the silver tags of the training books to be somewhat worse there.

The silver tags against the test set, strict (bounds and kind of a mention both right):

| Kind | Precision | Recall | F1 | Mentions |
|---|---|---|---|---|
{table}

## Guideline

{GUIDELINE.strip()}

## Rebuild

`apt-get update && python scripts/build_bible_names.py`; `--score` only prints the table above. The same package
versions give the same bytes.

{sums}
"""


GUIDELINE = """
A mention is a proper name. No mention lies in another, and none holds an article, a title or a common noun in lower
case: `king [David]`, `the wilderness of [Zin]`. A capitalised common noun belongs to the name where it is part of it:
`[Mount Sinai]`, `[Red Sea]`, `[Sea of Galilee]`, `[Mount of Olives]`, `[The Three Taverns]`. A possessive `’s` stays
out.

- **PER**: a human being by name, with a second name or byname that follows at once: `[Simon Peter]`,
  `[Judas Iscariot]`, `[Mary Magdalene]`. `Jesus`, `Christ`, `Messiah` and `Immanuel` are PER (`the Lord [Jesus
  Christ]`), and so are `Pharaoh`, `Caesar` and `Rabshakeh`, which the text uses as names. Titles and epithets aren't
  tagged: King, Son of Man, Savior, Lamb, Rabbi, the Baptizer, the Preacher.
- **LOC**: lands, regions, cities, villages, streets and squares, mountains, waters, and the places of the dead
  (`Sheol`, `Hades`, `Gehenna`). A land or city stays LOC when it acts: `[Moab] will die with tumult`, `daughters of
  [Jerusalem]`. `the South` (the Negev) and `the River` (Euphrates or Nile), with a capital inside a sentence, are LOC.
  Buildings and things aren't tagged: the Tent of Meeting, the temple, the Praetorium.
- **GROUP**: peoples, tribes, clans, parties and bodies of men, in any form of the word: `[Philistines]`, `the
  [Amorite]`, `[Jewish] synagogue`, `[Levites]`, `[Pharisees]`, `[Gentiles]`, `the [Augustan] band`. Languages and
  single members too: `in [Hebrew]`, `Uriah the [Hittite]`. `Nazirite` isn't tagged.
- **DEITY**: gods and spirits by name: `Yahweh`, `Yah`, `God`, `Lord`, `Almighty`, `Most High` and `Spirit` with a
  capital, `Holy Spirit`, `Baal`, `Dagon`, `Artemis`, `Jupiter`, `Satan`, angels by name. Words in a row are one
  mention (`[Lord Yahweh]`, `[Yahweh God]`), otherwise each is its own: `[Yahweh], the [God] of [Israel]`, `[Yahweh] of
  Armies`, `[Lord] our [God]`. `Lord` just before a human name is a title and not tagged: `Lord [Jesus]`. Father, Holy
  One, Redeemer and other descriptions aren't tagged.
- **Not tagged**: feasts, months, books, stars, Selah, Amen, the Law, Scripture, the Good News, the Kingdom.

Names that are a man, his people and their land:

- **Israel, Judah and the tribes** are PER for the man (most of Genesis, lists of descent: `son of [Judah]`,
  `Abraham, Isaac, and [Israel]`) and for others of that name. They are LOC after words of land and rule and after `in`
  or `into`: `land`, `king`, `cities`, `border`, `inhabitants`, `hill country of [Ephraim]`; Judah also after `to` and
  `from` and beside Jerusalem; Dan also in `from [Dan] even to Beersheba`. Otherwise they are GROUP: `children`,
  `tribe`, `house`, `men of [Israel]`, `God of [Israel]`, `[Israel] served Yahweh`.
- **Jacob** is PER in narrative and in `God of [Jacob]`, and GROUP in poetry and prophecy for the people: `the house of
  [Jacob]`. **Joseph** likewise.
- **Lands** (Egypt, Moab, Edom, Canaan, Midian, Aram, Cush) are LOC, GROUP only in `children of [Ammon]` or `people of
  [Moab]`, and PER where the ancestor is meant: `Canaan` in Genesis 9-10, `Edom` for Esau. Amalek, Kedar and Anakim are
  GROUP.
- **Gilead, Hebron, Shechem** and other places are PER where a man is meant: `Hamor the father of [Shechem]`.
"""


if __name__ == "__main__":
    main()
