"""Build the bundled summarization set from the package descriptions of Debian bookworm.

    python scripts/build_debian_synopsis.py               # needs apt-get and a network; no root
    python scripts/build_debian_synopsis.py --statistics  # measure the bundled file again; needs neither

Writes src/attnlab/data/bundled/debian_synopsis.jsonl.gz and debian_synopsis.md beside it. The same archive index gives
the same bytes.
"""

from __future__ import annotations

import argparse
import collections
import gzip
import hashlib
import html
import json
import re
import subprocess
import tempfile
import textwrap
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

BUNDLED = Path(__file__).resolve().parents[1] / "src" / "attnlab" / "data" / "bundled"
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
SPLITS = ("train", "val", "test")

# --- The archive's index ---------------------------------------------------------------------------------------------

# Everything that apt writes goes to {folder}; containers often turn descriptions off (Acquire::Languages "none").
APT_SETTINGS = """
#clear Acquire::Languages;
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Languages {{ "en"; }};
Acquire::GzipIndexes "false";
APT::Architecture "amd64";
APT::Architectures {{ "amd64"; }};
APT::Sandbox::User "root";
Dir::State "{folder}/state";
Dir::Cache "{folder}/cache";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
"""


class Index(NamedTuple):
    packages: bytes
    translation: bytes
    release: str  # for example "Debian 12.15, 2026-07-11": where the index can be found again


def fetch_index(mirror: str) -> Index:
    """The index files of bookworm's main, signature checked by apt."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for private in ("state/lists/partial", "cache"):
            (folder / private).mkdir(parents=True)
        key = "/usr/share/keyrings/debian-archive-keyring.gpg"
        (folder / "sources.list").write_text(f"deb [arch=amd64 signed-by={key}] {mirror} {SUITE} main\n")
        (folder / "apt.conf").write_text(APT_SETTINGS.format(folder=folder))
        subprocess.run(["apt-get", "-c", str(folder / "apt.conf"), "--error-on=any", "update"], check=True)
        (packages,) = (folder / "state" / "lists").glob("*_Packages")
        (translation,) = (folder / "state" / "lists").glob("*_Translation-en")
        (release,) = (folder / "state" / "lists").glob("*_InRelease")
        found = dict(re.findall(r"^(Version|Date): (.+)$", release.read_text(), re.MULTILINE))
        return Index(packages.read_bytes(), translation.read_bytes(), f"Debian {found['Version']} of {found['Date']}")


def stanzas(index: bytes) -> Iterator[dict[str, str]]:
    """The fields of every paragraph of a Debian control file; continuation lines lose one space."""
    for paragraph in index.decode().split("\n\n"):
        fields = re.findall(r"^([^\s:]+):[ \t]*(.*(?:\n[ \t].*)*)", paragraph, re.MULTILINE)
        if fields:
            yield {name: value.replace("\n ", "\n") for name, value in fields}


class Package(NamedTuple):
    name: str
    source: str
    synopsis: str
    body: str  # as in the index: wrapped lines, " ." for an empty one


LEFT_OUT_SECTIONS = frozenset(["debug", "metapackages", "oldlibs", "tasks"])


def described_packages(index: Index) -> list[Package]:
    descriptions = {
        fields["Description-md5"]: fields["Description-en"].partition("\n") for fields in stanzas(index.translation)
    }
    return [
        Package(fields["Package"], fields.get("Source", fields["Package"]).split()[0], synopsis, body)
        for fields in stanzas(index.packages)
        if fields["Section"] not in LEFT_OUT_SECTIONS
        for synopsis, _, body in [descriptions[fields["Description-md5"]]]
    ]


# --- Clean text ------------------------------------------------------------------------------------------------------

BULLET = re.compile(r"(?:[*+•·‣◦–-]|--|o|\(?\d{1,2}[.)])\s+(?=\S)|[*•](?=\w)")
SEPARATOR = re.compile(r"\W*")  # a line of dashes under a heading
# "(https://...)", "Homepage: https://...", "See https://... for details.": pointers, which say nothing of the package.
ADDRESS = r"(?:<?(?:URL:\s*)?(?:https?|ftp|git)://[^\s<>]*[^\s<>.,;:)\]]/?>?|\bwww\.[\w.-]+\w(?:/[^\s<>)]*)?)"
MAIL = r"<?[\w.+-]+@[\w-]+(?:\.[\w-]+)+>?"
BRACKETED = re.compile(rf"\s*[(\[]\s*(?:see |at |from |cf\.? )?(?:{ADDRESS}|{MAIL})\s*[)\]]|\s*<{MAIL}>", re.IGNORECASE)
POINTER = re.compile(
    rf"""(?:(?<=[.!?]\ )|^)
    (?=for\ (?:more|further|full|detail)|see|more|further|additional|please|visit|read|refer|upstream|also|information
      |details|you\ can|it\ can\ be\ (?:found|down)|available|http|ftp|www|<|learn|check|official
      |this\ (?:package|module)\ (?:can|was|is)
      |(?:the\ |its\ )?\S*\ ?(?:home\ ?page|web\ ?site|web\ ?page|url|site|documentation|sources?|manual|wiki))
    (?:[^.!?:]|[.:](?=\w)){{0,200}}:?\ *{ADDRESS}(?:[^.!?]|\.(?=\w)){{0,60}}(?:[.!?](?=\s|$)|$)""",
    re.IGNORECASE | re.VERBOSE,
)
CREDIT = re.compile(
    r"(?:- )?(?:(?:upstream-)?(?:author|maintainer)|home ?page|web ?site|url|licen[cs]e|copyright)s? ?:", re.IGNORECASE
)
KEPT_SIGNS = frozenset("®™©°±×→≤≥≈€£²³µ")  # other signs (emoji, pieces of drawings) and control characters go
PLAIN_QUOTES = dict(zip("“”„‘’´‐‑\u00a0\t", '"' * 3 + "'" * 3 + "--  ", strict=True))
TYPEWRITER = str.maketrans(PLAIN_QUOTES | {"…": "...", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi"})


def clean_line(line: str) -> str:
    text = html.unescape(unicodedata.normalize("NFC", line)).translate(TYPEWRITER)
    text = "".join(c for c in text if c <= "~" or c in KEPT_SIGNS or unicodedata.category(c)[0] in "LNP")
    text = re.sub(r"\\([-#*_])", r"\1", re.sub(r"\*\*([^*\s](?:[^*]*[^*\s])?)\*\*", r"\1", text)).replace("``", '"')
    text = text.replace("''", '"')
    if "://" in text or "www." in text or "@" in text:
        text = POINTER.sub("", BRACKETED.sub("", text))
    text = re.sub(r"\s+([,;.)])(?=\s|$)", r"\1", " ".join(text.split()))
    return "" if text == "-" or CREDIT.match(text) else text


def paragraphs(body: str) -> list[str]:
    """Paragraphs and lists, each list item on a line of its own behind "- "."""
    found: list[str] = []
    for block in re.split(r"^ *\.? *$", body, flags=re.MULTILINE):
        lines = [line for line in block.split("\n") if not SEPARATOR.fullmatch(line)]
        if not lines:
            continue
        text = "\n".join(filter(None, map(clean_line, join_lines(lines))))
        if text.startswith("- ") and found and found[-1].rpartition("\n")[2].startswith("- "):
            found[-1] += "\n" + text  # a list whose items stand apart
        elif text:
            found.append(text)
    return found


def join_lines(lines: list[str]) -> list[str]:
    """Unwrap the lines of one block."""
    indented = all(line.startswith(" ") for line in lines)
    lines = textwrap.dedent("\n".join(line.expandtabs() for line in lines)).split("\n")
    bulleted = any(BULLET.match(line.strip()) for line in lines)
    if indented and len(lines) > 1 and not bulleted and max(map(len, lines)) < 50:  # a list without bullets
        return [f"- {line.strip()}" for line in lines]
    joined: list[str] = []
    item_indent = -1  # of the item that the last line belongs to; -1 in a paragraph
    for line in lines:
        text = line.strip()
        indent = len(line) - len(line.lstrip())
        bullet = BULLET.match(text)
        if bullet:
            joined.append("- " + text[bullet.end() :])
            item_indent = indent
        elif joined and (item_indent < 0 or indent > item_indent or indent == item_indent == 0 or text[0].islower()):
            hyphenated = re.search(r"\w-$", joined[-1]) and not re.match(r"(?:and|or|to)\b", text)
            joined[-1] += text if hyphenated else " " + text
        else:
            joined.append(text)
            item_indent = -1
    return joined


# --- Parts of a source package ---------------------------------------------------------------------------------------

# Words that say which part of its source a package is, not what the software does: "(Python 3 module)", "- dev files"
ROLE = r"""(?:and|for|the|of|with|a|in|to|as|its|&|/|\+|api|arch|architecture|base|basic|binary|binaries|bindings|build
|bundle|c|code|common|core|cross-compiling|d|data|debug|debugging|default|dev|devel|develop|developers?
|developp?e?ment|docs?|documentations?|dynamic|examples?|files?|gir|go|golang|gobject|haskell|headers?|html
|independent|introspection|java|javadoc|js|kit|lib|libdev|library|libraries|libs|lua|main|manuals?|metapackage
|modules?|multilib|node|node\.js|nodejs|objects|ocaml|packages?|part|pages|perl|php|private|profiling|py3k?|python[23]?
|ruby|runtime|run-time|rust|scripts|shared|shlib|sources?|static|support|symbols|test|testdata|tests|version
|v?\d+(?:\.\d+|\.x)*|(?:32|64)-?bit|x32|n32)""".replace("\n", "")
SUFFIX = re.compile(
    rf"(?:\s*[(\[]\s*(?:{ROLE}[\s,/]*)+[)\]]|\s(?:--?|–|—)\s+(?:{ROLE}[\s,/]*)+|[;:,]\s+(?:{ROLE}[\s,/]*)+)\.?$",
    re.IGNORECASE,
)
PART_SYNOPSIS = re.compile(
    r"""(?:the\ )?(?:
      (?:files|headers|documentation|docs|documents|manuals?|examples|symbols|data)
      |(?:\S+\ ){0,2}(?:common|header|data|example|arch\S*|support|documentation|development|help)\ (?:files?|package)
      |(?:\S+\ ){0,2}(?:shared|static|runtime|run-time|development|debug(?:ging)?)\ (?:librar\w+|headers|symbols|data)
      |(?:\S+\ ){0,2}(?:api|user|reference|html|developer)\ (?:documentation|docs?|manual|reference)
      |(?:\S+\ ){0,2}introspection\ (?:data|files)
      |runtime|run-time
    )\ (?:and\ \w+\ )?(?:for|of|used\ by|from|needed\ by|required\ by|shared\ by)\ """,
    re.IGNORECASE | re.VERBOSE,
)
PART = re.compile(
    r"\b(?:development|headers?|documentation|debug|debugging|runtime|shared|static|common|data|library|examples?|manual"
    r"|translations?|support|profiling|binary|docs?|api|language|locali[sz]ation|introspection|python|plugins?"
    r"|sources?)\b",
    re.IGNORECASE,
)
THIS_PACKAGE = re.compile(
    r"th(?:is|e)(?: \S+)? (?:package|module)\b|(?:package )?(?:contains|provides)\b", re.IGNORECASE
)
PART_PARAGRAPH = re.compile(
    r"th(?:is|e)(?: \S+)? package (?:contains|provides|includes|installs|ships)\W(?:\S+ ){0,5}(?:development|developer"
    r"|headers?|documentation|manual|(?:shared|static) librar\w+|runtime|examples|(?:data|common) files|introspection"
    r"|libraries|helper binaries|translations?)\b[^.]*\.?$",
    re.IGNORECASE,
)
NO_SOFTWARE = re.compile(
    r"transitional|dummy (?:\w+ )?package|\(dummy\)|meta[- ]?package|(?:empty|virtual) package|debug(?:ging)? symbols"
    r"|feature \"|safely (?:be )?removed",
    re.IGNORECASE,
)
AUXILIARY_NAME = re.compile(
    r"-(?:docs?|data|common|dbg|examples?|tests?|test-?data|javadoc|l10n|i18n|locales?|prof|source)\b"
)
MAIN, OTHER, DEVELOPMENT, AUXILIARY = range(4)


def rank(package: Package) -> int:
    """Which packages of a source to prefer: the one of the same name, programs and libraries, -dev, the rest."""
    if package.name == package.source:
        return MAIN
    if AUXILIARY_NAME.search(package.name):
        return AUXILIARY
    return DEVELOPMENT if package.name.endswith("-dev") else OTHER


def template(paragraph: str, package: Package) -> str:
    """The paragraph without the package's own name and numbers, to find what many packages say."""
    stem = re.sub(
        r"^(?:lib|python3?-|ruby-|node-|golang-|r-cran-|rust-|haskell-)|(?:-perl|-java|[\d.-]+)$", "", package.source
    )
    text = paragraph.lower()
    for name in sorted({package.name, package.source, stem}, key=len, reverse=True):
        if len(name) > 2:
            text = text.replace(name, "@")
    return re.sub(r"\d+(?:\.\d+)*", "#", text)


# --- Choosing --------------------------------------------------------------------------------------------------------

DOCUMENT_WORDS, SUMMARY_WORDS = range(15, 201), range(3, 17)
SHARED_BY = 3  # a paragraph that this many source packages have says nothing of one of them
PER_SOURCE = 2  # most packages of one source package
NEAR_DUPLICATE = 0.5  # share of a document's runs of five words that one other document has, from which it is a copy
LEAK_WORDS = 12  # a training document with this many words in a row from a held-out one is dropped
SUPPORTED = 0.4  # least share of the content words of a summary whose first five letters open a word of the document
VERBATIM = 0.03  # most summaries, of all, that stand in their document word by word


class Row(NamedTuple):
    id: str
    source: str
    split: str
    document: str
    summary: str


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    found = words(text)
    return set(zip(*(found[start:] for start in range(length)), strict=False))


def is_verbatim(row: Row) -> bool:
    return f" {' '.join(words(row.summary))} " in f" {' '.join(words(row.document))} "


def number_of(source: str) -> int:
    """A number that depends on nothing but the source package's name."""
    return int.from_bytes(hashlib.sha256(source.encode()).digest()[:8], "big")


def split_of(source: str) -> str:
    return {0: "val", 1: "test"}.get(number_of(source) % 20, "train")


def without_shared(blocks: list[tuple[str, str]], sources_of: dict[str, set[str]]) -> list[str]:
    """Without the paragraphs that many sources share, and the closing ones that say which part this package is."""
    own = [
        block
        for position, (block, key) in enumerate(blocks)
        if len(sources_of[key]) < SHARED_BY or (block.endswith(":") and position + 1 < len(blocks))
    ]
    while len(own) > 1 and THIS_PACKAGE.match(own[-1]) and len(own[-1].split()) <= 25 and PART.search(own[-1]):
        own.pop()
    while own and own[-1].endswith(":"):
        own.pop()
    return [] if len(own) == 1 and PART_PARAGRAPH.match(own[0]) else own


def summary_of(package: Package) -> str:
    """The synopsis without the part of its source package, the repeated name and the full stop."""
    text = clean_line(package.synopsis)
    while (shorter := SUFFIX.sub("", text)) != text:
        text = shorter
    for name in (package.name, package.source):
        start, _, rest = text.partition(" ")
        if start.lower() in (name, f"{name}:") and (start.endswith(":") or rest.startswith(("- ", "-- "))):
            text = rest.lstrip("- ")
        rest, dash, end = text.rpartition(" - " if " - " in text else " -- ")
        if dash and name.removesuffix("-dev").endswith(end.lower()):
            text = rest.rstrip("- ")
    if text.count(")") > text.count("("):
        text = text.removesuffix(")")
    return text if text.endswith(("...", "etc.")) else text.rstrip(" .,:-")


FUNCTION_WORDS = frozenset(words("a an and are as be by can for from in is it of on or that the this to with you your"))
GENERIC = FUNCTION_WORDS | frozenset(
    words(
        "library libraries module modules package packages tool tools program application software utility utilities "
        "plugin extension framework interface bindings binding python python3 perl ruby java javascript node js nodejs "
        "go golang php haskell ocaml rust c simple implementation client server gnu r cran bioconductor new"
    )
)
ADDRESS_LEFT = re.compile(r"\w://|\bwww\.|\w@\w+\.\w")
CODE = re.compile(
    r"require\(|>>>|\$ \w|&&|\w->\w|[\])}];|^(?:- )?(?:var|use|import|my|let|const) [\w${][^.]*[;=]", re.MULTILINE
)


def is_prose(document: str) -> bool:
    """Whether it is English sentences, and not mostly list items, code or addresses."""
    found = words(document)
    items = sum(len(line.split()) - 1 for line in document.split("\n") if line.startswith("- "))
    return (
        sum(word in FUNCTION_WORDS for word in found) >= 0.12 * len(found)
        and sum(ord(c) > 0x24F for c in document) <= 0.02 * len(document)  # letters beyond the Latin ones
        and sum(c in "{}=;<>\\$@#|_[]" for c in document) <= 0.015 * len(document)
        and items <= 0.7 * len(document.split())
        and not ADDRESS_LEFT.search(document)
        and not CODE.search(document)
    )


def says_something(summary: str, document: str, package: Package) -> bool:
    """Whether two words of the summary are more than the name, and the document speaks of enough of these."""
    name = {*words(package.name.replace("_", " ")), *words(package.source), package.name, package.source}
    content = {word for word in words(summary) if word not in GENERIC and word not in name and not word.isdigit()}
    spoken = {word[:5] for word in words(document)}
    return len(content) >= 2 and sum(word[:5] in spoken for word in content) >= SUPPORTED * len(content)


def is_copy(document: str, rows_with: dict[tuple[str, ...], list[int]]) -> bool:
    own = runs(document, 5)
    shared = collections.Counter(row for run in own for row in rows_with.get(run, ()))
    return bool(shared) and max(shared.values()) >= NEAR_DUPLICATE * len(own)


def build_rows(packages: list[Package]) -> tuple[list[Row], dict[str, int]]:
    """The rows by name, and how many packages each rule left out."""
    left_out: collections.Counter[str] = collections.Counter()
    blocks_of = {
        package: [(block, template(block, package)) for block in paragraphs(package.body)] for package in packages
    }
    sources_of: dict[str, set[str]] = collections.defaultdict(set)
    for package, blocks in blocks_of.items():
        for _, key in blocks:
            sources_of[key].add(package.source)

    kept: list[Row] = []
    from_source: collections.Counter[str] = collections.Counter()
    summaries: set[str] = set()
    rows_with: dict[tuple[str, ...], list[int]] = collections.defaultdict(list)
    for package in sorted(packages, key=lambda package: (package.source, rank(package), package.name)):
        document = "\n\n".join(without_shared(blocks_of[package], sources_of))
        summary = summary_of(package)
        reason = None
        if NO_SOFTWARE.search(package.synopsis + package.body):
            reason = "transitional, dummy, debug or metapackage"
        elif PART_SYNOPSIS.match(summary) or (from_source[package.source] and rank(package) >= DEVELOPMENT):
            reason = "a part of another package"
        elif len(document.split()) not in DOCUMENT_WORDS or len(summary.split()) not in SUMMARY_WORDS:
            reason = "length"
        elif not is_prose(document) or ADDRESS_LEFT.search(summary):
            reason = "not English prose: other languages, mostly a list, code, addresses"
        elif not says_something(summary, document, package):
            reason = "a synopsis that repeats the name, or shares too few words with the description"
        elif from_source[package.source] == PER_SOURCE:
            reason = "siblings"
        elif summary.lower() in summaries or is_copy(document, rows_with):
            reason = "near-duplicates"
        if reason is not None:
            left_out[reason] += 1
            continue
        for run in runs(document, 5):
            rows_with[run].append(len(kept))
        summaries.add(summary.lower())
        from_source[package.source] += 1
        kept.append(Row(package.name, package.source, split_of(package.source), document, summary))

    held_out = set().union(*(runs(row.document, LEAK_WORDS) for row in kept if row.split != "train"))
    separate = [row for row in kept if row.split != "train" or not runs(row.document, LEAK_WORDS) & held_out]
    left_out["training documents that share a passage with a held-out one"] = len(kept) - len(separate)
    copied = sorted(filter(is_verbatim, separate), key=lambda row: number_of(row.id))
    allowed = int(VERBATIM * (len(separate) - len(copied)) / (1 - VERBATIM))
    too_many = set(copied[allowed:])
    left_out["verbatim synopses"] = len(too_many)
    return sorted(row for row in separate if row not in too_many), dict(left_out)


# --- The whole -------------------------------------------------------------------------------------------------------


class Statistics(NamedTuple):
    pairs: int
    document_words: float  # mean, split at white space, as the limits are
    summary_words: float
    in_document: float  # per cent of all summary words that occur in their document
    verbatim: float  # per cent of the summaries that stand in their document
    first_words_f1: float  # unigram F1, in per cent, of the document's first twelve words as its summary


def measure(rows: list[Row]) -> Statistics:
    found, total, f1 = 0, 0, 0.0
    for row in rows:
        summary, document = words(row.summary), words(row.document)
        known = set(document)
        found += sum(word in known for word in summary)
        total += len(summary)
        common = (collections.Counter(summary) & collections.Counter(document[:12])).total()
        f1 += 2 * common / (len(summary) + len(document[:12]))
    return Statistics(
        pairs=len(rows),
        document_words=sum(len(row.document.split()) for row in rows) / len(rows),
        summary_words=sum(len(row.summary.split()) for row in rows) / len(rows),
        in_document=100 * found / total,
        verbatim=100 * sum(map(is_verbatim, rows)) / len(rows),
        first_words_f1=100 * f1 / len(rows),
    )


def statistics_table(rows: list[Row]) -> str:
    lines = [
        "| Split | Pairs | Source packages | Words in a document | in a summary | Summary words in the document, % "
        "| Verbatim summaries, % | F1 of the first 12 words, % |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for split in SPLITS:
        own = [row for row in rows if row.split == split]
        pairs, *means = measure(own)
        sources = len({row.source for row in own})
        lines.append(f"| {split} | {pairs} | {sources} | " + " | ".join(f"{mean:.1f}" for mean in means) + " |")
    return "\n".join(lines)


def to_jsonl(rows: Iterable[Row]) -> bytes:
    return "".join(json.dumps(row._asdict(), ensure_ascii=False) + "\n" for row in rows).encode()


def from_jsonl(text: bytes) -> list[Row]:
    return [Row(**json.loads(line)) for line in text.splitlines()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=BUNDLED, help="folder to write to (default: %(default)s)")
    parser.add_argument("--mirror", default=MIRROR, help="Debian archive to read (default: %(default)s)")
    parser.add_argument("--statistics", action="store_true", help="measure the file in --out instead of building it")
    options = parser.parse_args()
    path: Path = options.out / "debian_synopsis.jsonl.gz"
    if options.statistics:
        print(statistics_table(from_jsonl(gzip.decompress(path.read_bytes()))))
        return
    index = fetch_index(options.mirror)
    rows, left_out = build_rows(described_packages(index))
    jsonl = to_jsonl(rows)
    compressed = gzip.compress(jsonl, compresslevel=9, mtime=0)
    options.out.mkdir(parents=True, exist_ok=True)
    path.write_bytes(compressed)
    page = describe(rows, left_out, index, jsonl, compressed)
    (options.out / "debian_synopsis.md").write_text(page, encoding="utf-8")
    print(f"{len(rows)} pairs, {len(compressed)} bytes, in {options.out}")


def describe(rows: list[Row], left_out: dict[str, int], index: Index, jsonl: bytes, compressed: bytes) -> str:
    reasons = "\n".join(f"  - {count}: {reason}" for reason, count in left_out.items())
    limits = (
        f"{DOCUMENT_WORDS[0]} to {DOCUMENT_WORDS[-1]} words in the document and {SUMMARY_WORDS[0]} to "
        f"{SUMMARY_WORDS[-1]} in the summary"
    )
    return f"""# debian_synopsis: what a Debian package does, in one line

One JSON object a line in `debian_synopsis.jsonl.gz` (UTF-8, NFC): `id` (binary package), `source` (source package),
`split`, `document` (the package's long description, cleaned), `summary` (its synopsis, cleaned). In a document, an
empty line ends a paragraph, and each list item is a line that begins with "- "; text may follow a list on a line.

{statistics_table(rows)}

Measured by `python scripts/build_debian_synopsis.py --statistics`. Lengths count words between white space; the other
columns compare runs of letters and digits in lower case. The last column is what a system earns that repeats the
beginning of the document: mean unigram F1 (ROUGE-1 without stemming).

- Source: the descriptions of all packages in Debian {SUITE}, section main, amd64, as its maintainers wrote them, from
  the archive's index of {index.release}.
- Licence: each text is part of its Debian source package, named in its row as attribution, and under that package's
  licence, which meets the Debian Free Software Guidelines (the archive's section main takes no other). Authors and
  licence of a source package: https://tracker.debian.org/pkg/SOURCE, or /usr/share/doc/ID/copyright where it is
  installed. The texts are changed as said below.
- Documents: lines are joined to paragraphs and list items, quotes are plain, emoji and lines of dashes are gone, and so
  are sentences that only point to a web page, addresses in brackets, and lines such as "Homepage: ...". Paragraphs
  that, apart from names and numbers, {SHARED_BY} or more source packages share are removed ("Node.js is an event-based
  server-side JavaScript engine."), as are closing paragraphs of up to 25 words that only say which part of its source
  a package is ("This package contains the development files.").
- Summaries: such a part is removed here too ("(Python 3 module)", "- development files"), also the package's own name
  before or after a colon or dash, and the full stop.
- Choice: {limits}; at least two words of the summary that are
  not the package's name or as common as "library", and at least {SUPPORTED:.0%} of these with their first five letters
  in the document (so this set is a little more extractive than the archive); from a source package at most {PER_SOURCE}
  packages, the one of the same name first, and development, data and documentation packages only where there is no
  other; no document that has {NEAR_DUPLICATE:.0%} of its runs of five words from one kept before it; each summary once;
  verbatim summaries up to {VERBATIM:.0%} of the whole. Packages left out, by the first rule they break:
{reasons}
- Splits are by source package: a hash of its name sends 1 in 20 to val and 1 in 20 to test, so a package never changes
  its split. No training document has {LEAK_WORDS} or more words in a row from a held-out one.
- Rebuild: `python scripts/build_debian_synopsis.py`. The same archive index gives the same text, a later point release
  of {SUITE} a slightly different one; `--mirror` takes another address of the archive. sha256 of the index:
  - `main/binary-amd64/Packages`: `{hashlib.sha256(index.packages).hexdigest()}`
  - `main/i18n/Translation-en`: `{hashlib.sha256(index.translation).hexdigest()}`

sha256 of `debian_synopsis.jsonl.gz`: `{hashlib.sha256(compressed).hexdigest()}`
sha256 of the text inside: `{hashlib.sha256(jsonl).hexdigest()}`
"""


if __name__ == "__main__":
    main()
