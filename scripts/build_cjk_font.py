"""Build the font that draws Chinese labels in figures, src/attnlab/fonts/attnlab_cjk.ttf.

The same bytes each time: a subset of Droid Sans Fallback (Apache-2.0), from Debian:

    apt-get download fonts-droid-fallback && dpkg-deb -x fonts-droid-fallback_*.deb droid
    python scripts/build_cjk_font.py droid/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf
"""

import argparse
import hashlib
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "AttnLab CJK"
ORIGINAL_SHA256 = "acb6440a713d880a13a21b468ba7cd43f5a2b2934972e51be791c880730777b8"
DEFAULT_OUT = Path(__file__).resolve().parents[1] / "src/attnlab/fonts/attnlab_cjk.ttf"


def characters_of(encoding: str) -> set[int]:
    """The code points that a two-byte encoding can write, beyond ASCII."""
    found: set[int] = set()
    for lead in range(0x81, 0xFF):
        for trail in range(0x40, 0xFF):
            try:
                found.update(map(ord, bytes([lead, trail]).decode(encoding)))
            except UnicodeDecodeError:
                continue
    return {code for code in found if code > 0x7F}


def wanted_characters() -> set[int]:
    """Simplified (GB2312) and Traditional (Big5) Chinese, kana, CJK punctuation and fullwidth forms."""
    punctuation_and_kana = set(range(0x3000, 0x3100))
    fullwidth = set(range(0xFF00, 0xFFF0))
    return characters_of("gb2312") | characters_of("big5") | punctuation_and_kana | fullwidth


def rename(font: TTFont) -> None:
    """Give the subset its own name, keeping the original's copyright, credits, trademark and licence records."""
    names = {
        1: FAMILY,
        3: "attnlab: a subset of Droid Sans Fallback 1.00c",
        4: FAMILY,
        5: "Version 1.00c; modified: a subset without hinting",
        6: FAMILY.replace(" ", ""),
    }
    for record in font["name"].names:
        record.string = names.get(record.nameID, record.toUnicode())


def build(original: Path, out: Path) -> None:
    digest = hashlib.sha256(original.read_bytes()).hexdigest()
    if digest != ORIGINAL_SHA256:
        raise SystemExit(f"the original font must have sha256 {ORIGINAL_SHA256}, got {digest} ({original})")
    font = TTFont(original, recalcTimestamp=False)
    options = subset.Options(hinting=False, glyph_names=False, layout_features=[], recalc_timestamp=False)
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.drop_tables += ["GDEF", "GPOS", "GSUB", "gasp", "vhea", "vmtx"]
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted_characters())
    subsetter.subset(font)
    rename(font)
    font.save(out)
    print(f"{out}: {len(font.getBestCmap())} characters, {out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("original", type=Path, help="DroidSansFallbackFull.ttf of Debian's fonts-droid-fallback")
    parser.add_argument("--out", type=Path, default=DEFAULT_OUT)
    arguments = parser.parse_args()
    build(arguments.original, arguments.out)
