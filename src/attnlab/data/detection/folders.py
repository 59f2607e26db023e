"""Which split a file belongs to by the folders it lies in, and which image goes with an annotation."""

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePosixPath

from attnlab.errors import UserError
from attnlab.files import IMAGE_ENDINGS

SPLIT_FOLDERS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}  # as tools call them, in any case; the first such folder on a file's path counts
ANNOTATION_FOLDERS = ("annotations", "labels", "xml", "xmls", "json", "jsons")
IMAGE_FOLDERS = ("images", "jpegimages", "imgs", "img")  # that stand beside such ones


def by_split(names: Iterable[str], *, what: str, root: Path) -> dict[str, list[str]]:
    """The files of each split, by folders named as splits; all of them in train where there is no such folder.

    Raises:
        UserError: there is no file, or some lie beside such folders; `what` is what they are, below `root`.
    """
    found: dict[str, list[str]] = {}
    beside: list[str] = []
    for name in names:
        folders = [part.lower() for part in PurePosixPath(name).parts[:-1]]
        split = next((SPLIT_FOLDERS[part] for part in folders if part in SPLIT_FOLDERS), None)
        (beside if split is None else found.setdefault(split, [])).append(name)
    if not found and not beside:
        raise UserError(f"there must be {what}, got none in {root} (set data.root)")
    if found and beside:
        raise UserError(
            f"{what} must all lie in folders of splits or none, got {len(beside)} beside {', '.join(sorted(found))}, "
            f"{beside[0]} for one (move them, or set data.root)"
        )
    return found or {"train": beside}


def check_trainable(splits: Iterable[str]) -> None:
    """UserError where there are folders of splits, but none to train on."""
    if "train" not in (found := list(splits)):
        raise UserError(f"there must be a folder train, got {' and '.join(found)} alone (set data.root)")


def images_below(names: Iterable[str]) -> list[str]:
    """Those named as images."""
    return [name for name in names if name.lower().endswith(IMAGE_ENDINGS)]


class ImagesByStem:
    """Finds the image that goes with an annotation: of its name but for the ending, or else of the name that it says.

    It lies beside the annotation, or in the folder of images that stands where the annotations' does.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = images_below(names)
        self.stems: dict[tuple[str, ...], list[str]] = {}
        for name in self.names:
            key = _key(name)
            self.stems.setdefault(key, []).append(name)
            if twin := _twin(key, IMAGE_FOLDERS):
                self.stems.setdefault(twin, []).append(name)

    def of(self, annotation: str, *, said: str = "") -> str | None:
        """The image of an annotation that lies at this path and says that it is `said`; None if there is none.

        Raises:
            UserError: there are several, none of them the one that it says.
        """
        said = PurePosixPath(said.replace("\\", "/")).name
        for name in (annotation, str(PurePosixPath(annotation).with_name(said)) if said else annotation):
            for key in (_key(name), _twin(_key(name), ANNOTATION_FOLDERS)):
                if found := self.stems.get(key):
                    return _only(found, said, annotation)
        return None


def _key(name: str) -> tuple[str, ...]:
    path = PurePosixPath(name)
    ended = path.suffix.lower() in (*IMAGE_ENDINGS, ".xml", ".json", ".txt")
    return (*path.parts[:-1], path.stem if ended else path.name)


def _twin(key: tuple[str, ...], folders: Sequence[str]) -> tuple[str, ...]:
    """The key with a zero byte, which no name has, for the last of its folders that is called so; () if none is."""
    places = [place for place, part in enumerate(key[:-1]) if part.lower() in folders]
    return (*key[: places[-1]], "\0", *key[places[-1] + 1 :]) if places else ()


def _only(found: Sequence[str], said: str, annotation: str) -> str:
    if len(found) == 1:
        return found[0]
    named = [name for name in found if PurePosixPath(name).name == said]
    if len(named) == 1:
        return named[0]
    raise UserError(f"every annotation must have one image, got {' and '.join(found)} for {annotation} (remove one)")


def unreadable(path: Path, error: OSError, *, key: str) -> UserError:
    """What is said of annotations that can't be read; with those that lie where another name for the split says."""
    split = SPLIT_FOLDERS.get(path.parent.name)
    names = [name for name, other in SPLIT_FOLDERS.items() if split is not None and other == split]
    there = [f"{name}/{path.name}" for name in names if (path.parent.parent / name / path.name).is_file()]
    if isinstance(error, FileNotFoundError) and there:
        return UserError(f"annotations must be there, got no {path}, but {there[0]} (set {key}={there[0]})")
    return UserError(f"annotations must be readable, got {path}: {error.strerror} (set {key})")
