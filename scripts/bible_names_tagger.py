"""Silver name tags for the verses of the World English Bible: Strong's dictionaries, a table, and rules of context."""

from __future__ import annotations

import re
from typing import NamedTuple

from bible_names_table import (
    FIXED,
    FIXED_PHRASES,
    GENEALOGIES,
    HOMOGRAPHS,
    INTO,
    LAND_WORDS,
    NATIONS,
    NEW_TESTAMENT,
    NOT_NAMES,
    PEOPLE_WORDS,
    PLACE_HEADS,
    SEVERAL,
    TRIBES,
)
from strongs_lexicon import Lexicon
from sword_module import Reference

# "Jacob’s" is two tokens, "don’t" and "Obed-Edom" one each; every other mark stands alone.
TOKEN = re.compile(r"’s\b|\w+(?:-\w+)*(?:’(?!s\b)\w+)*|[^\w\s]")


class Mention(NamedTuple):
    """Tokens start .. end - 1 name something of a kind."""

    start: int
    end: int
    kind: str


def to_iob2(mentions: list[Mention], num_tokens: int) -> list[str]:
    tags = ["O"] * num_tokens
    for start, end, kind in mentions:
        tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return tags


PEOPLE_SUFFIX = re.compile(r".{2,}(?:ites?|itess|ians?)")
SENTENCE_START = frozenset(".!?“‘:;—”’")
OF_A_PERSON = re.compile(r"(?:sons?|daughters?|father|mother|wife|brother|sister|families|family|firstborn|name) of")
LAND_OR_CITY = re.compile(
    r"(?:\w+ of|in|at|to|from|toward|near|through|into|unto|beyond|around|between|passed|reached)"
)


TOWN_LISTS = range(12, 22)  # chapters of Joshua


class Context(NamedTuple):
    tokens: list[str]
    numbers: list[list[str]]
    position: int
    reference: Reference

    @property
    def form(self) -> str:
        return self.tokens[self.position]

    @property
    def before(self) -> str:
        """Up to two words before, in lower case."""
        return " ".join(self.tokens[max(0, self.position - 2) : self.position]).lower()

    @property
    def after(self) -> str:
        return " ".join(self.tokens[self.position + 1 : self.position + 4]).lower()

    @property
    def previous(self) -> str:
        return self.tokens[self.position - 1].lower() if self.position else ""

    @property
    def opens_sentence(self) -> bool:
        return self.position == 0 or self.tokens[self.position - 1] in SENTENCE_START

    @property
    def among_genealogies(self) -> bool:
        book, chapter, _ = self.reference
        return book in GENEALOGIES and chapter in GENEALOGIES[book]


class Tagger:
    """Finds the names of a verse.

    Args:
        lower_words: words that also occur without a capital; such a word is a name only if the table says so.
    """

    def __init__(self, lexicon: Lexicon, lower_words: frozenset[str]) -> None:
        self.lexicon = lexicon
        self.lower_words = lower_words

    def tag(self, tokens: list[str], numbers: list[list[str]], reference: Reference) -> list[Mention]:
        kinds = [self.kind(Context(tokens, numbers, position, reference)) for position in range(len(tokens))]
        mentions: list[Mention] = []
        position = 0
        while position < len(tokens):
            end, kind = self.longest(tokens, kinds, position)
            if kind is None:
                position += 1
                continue
            if mentions and mentions[-1].end == position and mentions[-1].kind == kind and self.joins(kind, reference):
                mentions[-1] = mentions[-1]._replace(end=end)
            else:
                mentions.append(Mention(position, end, kind))
            position = end
        return mentions

    def joins(self, kind: str, reference: Reference) -> bool:
        """Whether two names of a kind in a row are one: "Yahweh God", "Pontius Pilate", but "bore to Esau Eliphaz"."""
        return kind == "DEITY" or (kind == "PER" and reference.book in NEW_TESTAMENT)

    def longest(self, tokens: list[str], kinds: list[str | None], start: int) -> tuple[int, str | None]:
        """The end and the kind of the name that begins at `start`."""
        for end in range(min(start + 6, len(tokens)), start + 1, -1):
            kind = FIXED_PHRASES.get(tuple(tokens[start:end]))
            if kind is not None:
                return end, kind
        end = start
        while end < len(tokens) and tokens[end][0].isupper() and (end == start or kinds[end] or self.rare(tokens[end])):
            end += 1
        for stop in range(min(end, start + 4), start + 1, -1):
            phrase_kinds = self.lexicon.phrases.get("".join(tokens[start:stop]).replace("-", "").lower())
            if phrase_kinds and tokens[start] not in TRIBES and tokens[start] not in NOT_NAMES:
                heads_place = tokens[start] in PLACE_HEADS and "LOC" in phrase_kinds
                return stop, "LOC" if heads_place else min(phrase_kinds, key=("PER", "LOC", "GROUP", "DEITY").index)
        if tokens[start] in PLACE_HEADS and end > start + 1 and "DEITY" not in kinds[start + 1 : end]:
            return end, "LOC"
        if kinds[start] == "LOC" and tokens[start + 1 : start + 2] == ["River"]:
            return start + 2, "LOC"
        return start + 1, kinds[start]

    def rare(self, form: str) -> bool:
        return form[0].isupper() and form.lower() not in self.lower_words and form not in NOT_NAMES

    def kind(self, context: Context) -> str | None:
        form = context.form
        if not form[0].isupper() or form in NOT_NAMES:
            return None
        if form in HOMOGRAPHS:
            kinds, confirming = HOMOGRAPHS[form]
            inside = not context.opens_sentence and form not in ("So", "No", "Ed")
            if not inside and not confirming.intersection(context.numbers[context.position]):
                return None
            return self.choose(set(kinds.split()), context)
        if form == "Lord" and FIXED.get(next(iter(context.tokens[context.position + 1 :]), "")) == "PER":
            return None  # a title: "the Lord Jesus"
        if form == "South" and not context.opens_sentence:
            return "LOC"
        if form == "River" and not context.opens_sentence:
            return "LOC"
        if form in TRIBES:
            return self.tribe(context)
        if form in NATIONS and re.search(r"\b(?:children|people) of$", context.before) and form != "Egypt":
            return "GROUP"
        if form == "Gilead" and context.before in ("elders of", "inhabitants of", "land of", "people of"):
            return "LOC"
        if form in SEVERAL:
            return SEVERAL[form].default(context.reference.book, context.reference.chapter)
        if form in FIXED:
            return FIXED[form]
        if form.lower() in self.lower_words:
            return None
        kinds = self.lexicon.kinds.get(form)
        if kinds is not None and PEOPLE_SUFFIX.fullmatch(form) and (not kinds or "GROUP" in kinds):
            return "GROUP"
        if kinds is not None:
            return self.choose(kinds or {"PER"}, context)
        return self.unknown(context)

    def choose(self, kinds: set[str], context: Context) -> str:
        if len(kinds) == 1:
            return next(iter(kinds))
        if "PER" in kinds and "LOC" in kinds:
            return "LOC" if self.looks_like_a_place(context) else "PER"
        return next(kind for kind in ("PER", "LOC", "DEITY", "GROUP") if kind in kinds)

    def looks_like_a_place(self, context: Context) -> bool:
        if OF_A_PERSON.search(context.before) or context.after.startswith((", the son", "the son", "’s son")):
            return False
        if context.before.endswith(("king of", "men of", "city of", "cities of", "land of", "inhabitants of")):
            return True
        if context.among_genealogies:
            return False
        if context.reference.book == "Joshua" and context.reference.chapter in TOWN_LISTS:
            return True
        return LAND_OR_CITY.fullmatch(context.before) is not None or context.previous in INTO | {"at", "to", "from"}

    def unknown(self, context: Context) -> str | None:
        """A word that Strong's numbers don't explain: a name if it only ever has a capital."""
        if PEOPLE_SUFFIX.fullmatch(context.form):
            return "GROUP"
        if context.opens_sentence or "’" in context.form or context.form.isupper() or len(context.form) < 3:
            return None
        return "LOC" if context.previous in INTO | {"at", "to", "from"} else "PER"

    def tribe(self, context: Context) -> str:
        """Israel, Judah, Dan, Jacob...: a man, his people, or their land."""
        book, chapter, _ = context.reference
        form, before = context.form, context.before
        default = SEVERAL[form].default(book, chapter)
        if context.previous == "and" and context.tokens[context.position - 2] in TRIBES:
            first = self.tribe(context._replace(position=context.position - 2))
            if first == "LOC":
                return first  # "the kings of Israel and Judah"
        head = before.removesuffix(" of").split(" ")[-1] if before.endswith(" of") else ""
        if head in ("son", "sons", "daughter", "daughters", "wife", "father", "mother", "brother"):
            if form == "Israel" and head in ("sons", "daughters") and (book, chapter) != ("1 Chronicles", 2):
                return "GROUP" if book != "Genesis" else "PER"
            return "PER" if default == "PER" or context.among_genealogies or head == "son" else "GROUP"
        if form in ("Jacob", "Isaac", "Joseph"):
            with_fathers = {"Abraham", "Esau", "Rachel", "Laban", "Leah", "Rebekah"} & set(context.tokens)
            if with_fathers or head == "god":
                return "PER"
            return "GROUP" if head in PEOPLE_WORDS and book != "Genesis" else default
        nearby = context.tokens[max(0, context.position - 6) : context.position]
        if form == "Israel" and "Isaac" in nearby and context.previous in ("and", ",", "of"):
            return "PER"
        if form == "Israel" and context.previous == "in":
            return "LOC"
        if head in PEOPLE_WORDS:
            person_book = default == "PER" and book == "Genesis" and head not in ("children", "tribes", "tribe")
            return "PER" if person_book or (head == "children" and book == "Genesis" and form != "Israel") else "GROUP"
        if head in LAND_WORDS:
            return "LOC"
        if default == "PER":
            return "PER"
        if context.previous in INTO or before in ("in all", "through all", "throughout all"):
            return "LOC"
        if form == "Judah" and (
            context.previous in ("to", "from")
            or before == "out of"
            or context.after.startswith("and jerusalem")
            or before == "jerusalem and"
        ):
            return "LOC"
        if form == "Dan" and ("Beersheba" in context.tokens or context.previous in ("to", "from")):
            return "LOC"
        return default
