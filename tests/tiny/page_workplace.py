"""A folder in which what the pages' commands name is there: tiny trained runs, texts, pictures, configs."""

import subprocess
from pathlib import Path

import tiny
import tiny_generation
import tiny_images
import tiny_images_run
import tiny_language
import tiny_summaries
import tiny_tagging
from fork_server import ForkServer
from page_lines import of_language

from attnlab.config.compose import compose_run

VERSES = "Y vio Dios que la luz era buena.\nEn el principio era el Verbo.\n"
FEW = {"batch_tokens": 256, "batch_size": 4}  # whichever the data has
# Writes the words of a command as the shell makes them of it, and carries out what else there is.
SHELL = "attnlab() { printf '%s\\0' \"$@\" > .words; }\n"


def few(overrides: list[str]) -> list[str]:
    """What makes batches small."""
    data = compose_run(overrides).data
    return [f"data.{key}={most}" for key, most in FEW.items() if key in data]


class Workplace:
    """Runs commands as they stand, but for the names that stand for the reader's own."""

    def __init__(self, folder: Path, server: ForkServer, *, cache: Path) -> None:
        self.folder, self.server, self.cache = folder, server, cache
        self.names: dict[str, str] = {"PARTITION": "debug"}  # what is put in their place

    def attnlab(self, arguments: list[str]) -> str:
        """What `attnlab` prints; it must succeed."""
        output = self.folder / "output.txt"
        output.unlink(missing_ok=True)
        status = self.server.start(arguments, self.folder, {"ATTNLAB_CACHE": str(self.cache)}).wait()
        printed = output.read_text(encoding="utf-8")
        assert status == 0, f"attnlab {' '.join(arguments)}: {status}\n{printed[-2000:]}"
        return printed

    def run(self, command: str, *more: str) -> str:
        """What a command prints, with more arguments if it is ours; it must succeed."""
        words = self.words(command)
        return self.attnlab([*words[1:], *more]) if words and words[0] == "attnlab" else ""

    def words(self, command: str) -> list[str]:
        """`attnlab` and its arguments as a shell reads them, which carries out what else there is."""
        for name in sorted(self.names, key=len, reverse=True):
            command = command.replace(name, self.names[name])
        written = self.folder / ".words"
        written.unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", "-euc", SHELL + command], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return ["attnlab", *written.read_text(encoding="utf-8").split("\0")[:-1]] if written.exists() else []

    def runs(self, task: str) -> list[str]:
        """The folders of a task's runs."""
        found = sorted((self.folder / "outputs" / task).rglob("metrics.json"))
        return [str(path.parent.relative_to(self.folder)) for path in found]

    def studies(self, name: str) -> list[str]:
        """The folders of a study's plans."""
        return [str(path.relative_to(self.folder)) for path in self.folder.glob(f"outputs/studies/{name}/*/")]

    def sweep(self, *arguments: str) -> str:
        """Begin a sweep; the name of its record."""
        before = set(self.folder.glob("outputs/sweeps/*"))
        self.attnlab(list(arguments))
        (record,) = set(self.folder.glob("outputs/sweeps/*")) - before
        return record.name


def trained(folder: Path, server: ForkServer) -> Workplace:
    """Sweeps of translators, a run of each other task, and the reader's files."""
    place = Workplace(folder, server, cache=folder / "cache")
    short = ["trainer.max_steps=2", "trainer.val_check_interval=2", "name=tiny"]
    place.attnlab(tiny_tagging.tiny(tiny_tagging.write_corpus(folder / "tagged"), *short))
    place.attnlab(tiny_summaries.tiny(tiny_summaries.write_corpus(folder / "documents"), *short))
    place.attnlab(tiny_language.tiny(tiny_language.write_corpus(folder / "texts"), *short))
    extract = tiny_images_run.write_extract(folder / "extract")
    place.attnlab(tiny_images_run.tiny(extract, *short))
    place.attnlab(tiny_generation.tiny_networks(extract, "sagan", *short))
    translation = [*tiny.tiny(tiny.write_corpus(folder / "corpus"), *short), "-m"]
    sweeps = {
        "DATE_TIME": place.sweep(*translation, "attention=additive,uniform", "seed=1,2"),
        "FIRST": place.sweep(*translation, "attention=additive", "seed=1,2"),  # finished already
        "SECOND": place.sweep(*translation, "attention=additive", "seed=3,4"),
    }
    write_files(folder)
    # What is taken away from attention, as pages have it, must have been learned.
    learned = [each for each in place.runs("translation") if "Additive" in _config(folder / each)]
    first, second, *_ = learned
    (tagger,), (summarizer,) = place.runs("ner"), place.runs("summarization")
    (classifier,), (generator,) = place.runs("image_classification"), place.runs("image_generation")
    (language,) = place.runs("language_modelling")
    runs = {"NER_RUN": tagger, "IMAGE_RUN": classifier, "GAN_RUN": generator, "LANGUAGE_RUN": language, "RUN": first}
    own = {"RUN docs.csv": f"{summarizer} docs.csv", "RUN1": first, "RUN2": second, "outputs/ner/NAME/HASH": tagger}
    place.names |= runs | own | sweeps
    return place


def _config(run: Path) -> str:
    return (run / "config.json").read_text(encoding="utf-8")


def write_files(folder: Path) -> None:
    """What is the reader's own."""
    tiny_images.write_folder(folder / "photos", 1)
    (folder / "verses.txt").write_text(VERSES, encoding="utf-8")
    (folder / "docs.csv").write_text("body,other\nun año más,1\n", encoding="cp1252")
    write_code(folder)
    write_study(folder)


def write_code(folder: Path) -> None:
    """The files that README.md has one write, as it shows them."""
    for block in of_language("python") + of_language("yaml"):
        first, _, text = block.text.partition("\n")
        if block.page == "README.md" and first.startswith("# "):
            path = folder / first.removeprefix("# ")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def write_study(folder: Path, *, tuned: bool = False) -> None:
    """my_configs/study/NAME.yaml, as docs/studies.md shows it."""
    shown = [block.text for block in of_language("yaml") if block.page == "docs/studies.md"]
    path = folder / "my_configs" / "study" / "NAME.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(shown if tuned else shown[:1]), encoding="utf-8")
