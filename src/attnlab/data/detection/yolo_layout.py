"""Which images a YOLO folder holds, and what its classes are called."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml  # type: ignore[import-untyped]  # it has no types
from omegaconf import OmegaConf

from attnlab.data.detection.folders import SPLIT_FOLDERS, by_split, images_below
from attnlab.data.files.lines import read_lines
from attnlab.data.images.files import FolderFiles
from attnlab.errors import UserError
from attnlab.reading.bounds import read_text
from attnlab.reading.plain_yaml import NotPlain, check_plain

NAMES_FILES = ("classes.txt", "obj.names", "labels/classes.txt")  # a class a line, as LabelImg, CVAT and others write
DESCRIPTION = 8  # MiB of YAML, which takes its reader a second each
LISTS = ("train.txt", "val.txt", "valid.txt", "test.txt")  # of images, beside obj.names


class YoloLayout(NamedTuple):
    """What there is, before any text file of boxes is read."""

    root: Path
    names: dict[int, str]
    images: dict[str, list[str]]  # of each split, by their paths from the root
    has_keypoints: bool  # after the four coordinates of a box


def read_layout(root: Path, *, file: str | None) -> YoloLayout:
    """As a YAML file says, named or the only one, or by what else names classes and folders.

    Raises:
        UserError: nothing names the classes, two of them have one name, or images aren't where they are said to be.
    """
    if not root.is_dir():
        raise UserError(f"a YOLO folder must be there, got {root} (set data.root)")
    said = _described(root, file)
    if said is None:
        names, entries, has_keypoints = _listed_names(root), _lists(root), False
    else:
        path, content = said
        names, has_keypoints = _names(content.get("names"), path), "kpt_shape" in content
        bases = _bases(root, path, content)
        said_splits = {key: value for key, value in content.items() if key in SPLIT_FOLDERS and value}
        entries = {SPLIT_FOLDERS[key]: (bases, value) for key, value in said_splits.items()}
    if len(set(names.values())) < len(names):
        raise UserError(f"no two classes may have one name, got {list(names.values())} in {root} (rename one)")
    images = {split: _images(root, bases, value, split) for split, (bases, value) in entries.items()}
    if not images:
        images = by_split(images_below(FolderFiles(root).listing()), what="images", root=root)
    return YoloLayout(root, names, images, has_keypoints)


def _described(root: Path, file: str | None) -> tuple[Path, Mapping[str, Any]] | None:
    """The YAML file that names classes, and what it says."""
    if file is not None:
        return root / file, _yaml(root / file)
    found = [path for path in sorted(root.iterdir()) if path.suffix in (".yaml", ".yml") and path.is_file()]
    described = [(path, content) for path in found if "names" in (content := _yaml(path))]
    if len(described) > 1:
        raise UserError(
            f"which file describes the data must be said, got {', '.join(path.name for path, _ in described)} (set "
            "data.source.file)"
        )
    return described[0] if described else None


def _yaml(path: Path) -> Mapping[str, Any]:
    try:
        text = read_text(path, encoding="utf-8-sig", mib=DESCRIPTION)
        check_plain(text)
        _check_once(yaml.compose(text, yaml.BaseLoader), path)
        content = OmegaConf.to_container(OmegaConf.create(text))
        if isinstance(content, dict) and "names" in content:
            content["names"] = _as_written(text, content["names"])
    except OSError as error:
        raise UserError(
            f"a description must be readable, got {path}: {error.strerror} (set data.source.file)"
        ) from error
    except UserError:
        raise
    except NotPlain as error:
        raise UserError(f"a description must be plain YAML, got {path}: {error}") from error
    except Exception as error:  # YAML's errors have no base that is typed
        raise UserError(f"a description must be YAML, got {path}: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise UserError(f"a description must be a YAML mapping, got {path} (set data.source.file)")
    return {str(key): value for key, value in content.items()}


def _check_once(node: Any, path: Path) -> None:
    """UserError for a key that stands twice in a mapping, of which YAML's readers take the last."""
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in node.value]
        if doubled := next((key for key, _ in node.value if keys.count(key.value) > 1), None):
            line = doubled.start_mark.line + 1
            raise UserError(
                f"a key must stand once, got {doubled.value!r} more than once in {path}, line {line} (mend it)"
            )
        for _, value in node.value:
            _check_once(value, path)


def _as_written(text: str, read: Any) -> Any:
    """The names of classes without YAML's guesses, by which yes, no and on are booleans and 007 is 7."""
    written = yaml.load(text, yaml.BaseLoader)["names"]
    if isinstance(read, dict) and isinstance(written, dict):
        return dict(zip(read, written.values(), strict=True))
    return written if isinstance(read, list) else read


def _names(said: Any, path: Path) -> dict[int, str]:
    """By number, from a list or a mapping."""
    pairs = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else []
    names = {number: str(name).strip() for number, name in pairs if isinstance(number, int)}
    if not names or len(names) < len(said):
        raise UserError(f"names must be a list of classes, or say one for each number, got {said!r} in {path}")
    return dict(sorted(names.items()))


def _listed_names(root: Path) -> dict[int, str]:
    for name in NAMES_FILES:
        if (root / name).is_file():
            lines = "\n".join(read_lines(root / name, key="data.root")).rstrip().split("\n")
            if "" in lines:  # which would number those after it otherwise than who wrote the file
                raise UserError(
                    f"every line must name a class, got none in line {lines.index('') + 1} of {root / name}"
                )
            return dict(enumerate(lines))
    raise UserError(
        f"classes must be named, by names in a YAML file, classes.txt or obj.names, got none of these in {root} (set "
        "data.root or data.source.file)"
    )


def _lists(root: Path) -> dict[str, tuple[list[Path], Any]]:
    """The lists of images beside obj.names."""
    if not (root / "obj.names").is_file():
        return {}
    return {SPLIT_FOLDERS[Path(name).stem]: ([root], name) for name in LISTS if (root / name).is_file()}


def _bases(root: Path, path: Path, content: Mapping[str, Any]) -> list[Path]:
    """Where the paths of a description may begin: at what it says, where that is, and where it lies itself."""
    said = content.get("path")
    return [*([path.parent / str(said), Path(str(said))] if said else []), path.parent, root]


def _images(root: Path, bases: Sequence[Path], value: Any, split: str) -> list[str]:
    """What an entry means: a folder, a list of images in a file, or several of these."""
    found: list[str] = []
    for entry in value if isinstance(value, list) else [value]:
        place = _existing(bases, str(entry))
        if place is None:
            raise UserError(
                f"{split} must be a folder of images or a list of them, got {entry}, which isn't in {root} (set "
                "data.root)"
            )
        if place.is_dir():
            found += [_from_root(root, place / name) for name in images_below(FolderFiles(place).listing())]
        else:
            lines = read_lines(place, key="data.root")
            found += [
                _from_root(root, _existing([place.parent, root], line) or place.parent / line) for line in lines if line
            ]
    if not found:
        raise UserError(f"every split must have images, got none of {split} in {value} of {root} (set data.root)")
    return sorted(found)


def _existing(bases: Sequence[Path], said: str) -> Path | None:
    """A path from one of these; Roboflow's begin with one `../` too many, CVAT's with a folder that isn't there."""
    said = said.replace("\\", "/")
    spellings = [
        said,
        *([said[3:]] if said.startswith("../") else []),
        *([said.split("/", 1)[1]] if "/" in said else []),
    ]
    return next((base / each for each in spellings for base in bases if each and (base / each).exists()), None)


def _from_root(root: Path, path: Path) -> str:
    """From the root where it lies below it, or from the root of the system."""
    inner = os.path.relpath(os.path.normpath(path), os.path.normpath(root))
    return Path(os.path.abspath(path)).as_posix() if inner.startswith("..") else Path(inner).as_posix()
