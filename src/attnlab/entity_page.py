"""One page, complete in itself, of texts with their entities and of where each word attended."""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from attnlab.control_characters import without_controls

SHADES = 99  # steps of a weight on the page


@dataclass(frozen=True)
class MarkedText:
    """A text with its spans, its words' offsets, and, for each piece read, a map (T, T) of the words in a row."""

    text: str
    spans: Sequence[dict[str, Any]]
    words: Sequence[Sequence[int]]
    maps: Sequence[Tensor]


def entity_page(texts: Sequence[MarkedText], *, types: Sequence[str], title: str) -> str:
    """The page's HTML: no network, all text escaped, readable on narrow screens, without a mouse and in the dark.

    A word's weights are shown when it is pointed at, touched or reached with the keyboard, relative to the largest of
    them; without scripts the entities still are. Colours are safe for colour-blind readers, and labels stand beside.
    """
    legend = "".join(f"<li>{_mark_open(number)}{_shown(each)}</mark></li>" for number, each in enumerate(types))
    articles = "\n".join(_article(number, each, types) for number, each in enumerate(texts))
    # "<" would end the script's element, wherever it stands in the data.
    data = json.dumps([_rows(each) for each in texts], separators=(",", ":")).replace("<", "\\u003c")
    return _PAGE.format(title=_shown(title), style=_STYLE, legend=legend, articles=articles, data=data, script=_SCRIPT)


def _article(number: int, shown: MarkedText, types: Sequence[str]) -> str:
    parts, done = [], 0
    bounds = [(span["start"], span["end"]) for span in shown.spans]
    ends = {end: span["label"] for span, (_, end) in zip(shown.spans, bounds, strict=True)}
    starts = {start: types.index(span["label"]) for span, (start, _) in zip(shown.spans, bounds, strict=True)}
    for place, (start, end) in enumerate(shown.words):
        parts.append(_shown(shown.text[done:start]))
        if start in starts:
            parts.append(_mark_open(starts[start]))
        parts.append(f'<span class="w" tabindex="0" data-w="{place}">{_shown(shown.text[start:end])}</span>')
        if end in ends:
            parts.append(f'<b class="label">{_shown(ends[end])}</b></mark>')
        done = end
    parts.append(_shown(shown.text[done:]))
    return f'<article data-t="{number}" dir="auto"><p>{"".join(parts)}</p></article>'


def _mark_open(number: int) -> str:
    return f'<mark class="k{number % 8}">'


def _shown(text: str) -> str:
    """Escaped; a character that HTML can't hold is a replacement sign."""
    return html.escape(without_controls(text))


def _rows(shown: MarkedText) -> list[list[Any]]:
    """For each word: the first word of its piece, and its weights there as hundredths of its largest."""
    rows: list[list[Any]] = []
    for weights in shown.maps:
        largest = weights.abs().amax(1, keepdim=True).clamp(min=torch.finfo(torch.float32).tiny)
        shares = (weights / largest * SHADES).nan_to_num(0.0).round().int()
        first = len(rows)
        rows += [[first, row] for row in shares.tolist()]
    return rows


_PAGE = """\
<!DOCTYPE html>
<html lang="und">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<header lang="en">
<h1>{title}</h1>
<ul class="legend">{legend}</ul>
<p class="note">Point at a word, touch it, or move with the Tab key: the words it attended to are shaded and underlined,
most where the weight is largest (dashed where it is negative).</p>
</header>
<main>
{articles}
</main>
<script type="application/json" id="maps">{data}</script>
<script>
{script}</script>
</body>
</html>
"""

# Okabe and Ito's colours: light behind dark letters, or dark behind light ones.
_STYLE = """\
:root { --page: #fff; --ink: #1a1a1a; --faint: #595959; --shade: 0, 114, 178; --k0: #fbe0a6; --k1: #cdeafa;
  --k2: #b8e6d6; --k3: #f8f2a8; --k4: #f3d5e5; --k5: #fad1b4; --k6: #c7dcf0; --k7: #e3e3e3; }
@media (prefers-color-scheme: dark) {
  :root { --page: #16181c; --ink: #ececec; --faint: #b0b0b0; --shade: 86, 180, 233; --k0: #6b4a00; --k1: #14506e;
    --k2: #005c44; --k3: #5a5500; --k4: #6b2f50; --k5: #7a3300; --k6: #123f6b; --k7: #4a4a4a; } }
body { margin: 0 auto; padding: 1rem; max-width: 46rem; background: var(--page); color: var(--ink);
  font: 1.06rem/2 system-ui, sans-serif; }
h1 { font-size: 1.2rem; line-height: 1.4; overflow-wrap: anywhere; }
.legend { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem; }
.note { color: var(--faint); font-size: .9rem; line-height: 1.5; }
article { border-top: 1px solid var(--k7); unicode-bidi: isolate; }
article p { white-space: pre-wrap; overflow-wrap: anywhere; margin: .6rem 0; }
mark { color: inherit; border-radius: .25rem; padding: .1rem .2rem; box-decoration-break: clone;
  -webkit-box-decoration-break: clone; }
.k0 { background: var(--k0); } .k1 { background: var(--k1); }
.k2 { background: var(--k2); } .k3 { background: var(--k3); }
.k4 { background: var(--k4); } .k5 { background: var(--k5); }
.k6 { background: var(--k6); } .k7 { background: var(--k7); }
.label { font-size: .68rem; letter-spacing: .04em; margin-inline-start: .3rem; unicode-bidi: isolate; }
.w { border-radius: .15rem; cursor: default; }
.w.from { outline: 2px solid var(--ink); outline-offset: 1px; }
.w:focus { outline: 2px solid var(--ink); outline-offset: 1px; }
"""

_SCRIPT = """\
"use strict";
const maps = JSON.parse(document.getElementById("maps").textContent);
const shade = () => getComputedStyle(document.documentElement).getPropertyValue("--shade");
let shown = [];
function hide() {
  for (const word of shown) { word.classList.remove("from"); word.style.cssText = ""; }
  shown = [];
}
function show(word) {
  hide();
  const article = word.closest("article"), row = maps[article.dataset.t][word.dataset.w];
  word.classList.add("from");
  shown.push(word);
  if (!row) return;
  const words = article.querySelectorAll(".w");
  row[1].forEach((weight, place) => {
    const other = words[row[0] + place], share = Math.abs(weight) / 99;
    if (share < 0.03) return;
    other.style.background = `rgba(${shade()}, ${0.6 * share})`;
    other.style.borderBottom = `${1 + Math.round(3 * share)}px ${weight < 0 ? "dashed" : "solid"} currentColor`;
    shown.push(other);
  });
}
for (const kind of ["mouseover", "focusin", "click"])
  document.addEventListener(kind, (event) => {
    const word = event.target.closest && event.target.closest(".w");
    if (word) show(word); else if (kind === "click") hide();
  });
"""
