"""How the names of files end, by what they hold; nothing heavy is imported."""

IMAGE_ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")

# Files of records, whose lines aren't texts.
RECORD_ENDINGS = (".json", ".jsonl", ".ndjson")

TEXT_ENDINGS = (
    ".adoc", ".conll", ".conllu", ".csv", ".htm", ".html", ".log", ".markdown", ".md", ".org", ".rst", ".srt", ".tex",
    ".text", ".tsv", ".txt", ".xml", ".yaml", ".yml",
)  # fmt: skip
