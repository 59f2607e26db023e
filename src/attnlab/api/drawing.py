"""A figure that a notebook shows by itself, and a file may hold."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from attnlab.api.wording import in_python
from attnlab.errors import UserError
from attnlab.files import write_whole, writing

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Drawing:
    """A picture as the bytes of a PNG."""

    name: str
    png: bytes

    @classmethod
    def of(cls, name: str, figure: "Figure") -> "Drawing":
        """matplotlib's figure as it would be saved."""
        from attnlab.reporting.figures.canvas import png

        return cls(name, png(figure))

    @in_python()
    def save(self, path: Path | str) -> Path:
        """Write it as a file whose name ends in .png.

        Raises:
            UserError: it ends otherwise, or can't be written.
        """
        path = Path(path)
        if path.suffix.lower() != ".png":
            raise UserError(f"a picture is a PNG, got {path} (set path to a name that ends in .png)")
        with writing(path, remedy="set path"):
            return write_whole(path, self.png)

    def _repr_png_(self) -> bytes:
        return self.png

    def __repr__(self) -> str:
        return f"Drawing({self.name!r})"
