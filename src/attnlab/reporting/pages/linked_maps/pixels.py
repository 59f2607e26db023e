"""Pictures within a page."""

import base64
import io

import numpy as np
from PIL import Image as PILImage
from torch import Tensor

from attnlab.reporting.pages.linked_maps.contents import Image

LONGEST_SIDE = 320  # pixels of a picture as it is shown
SMALL = 64  # up to here a picture is kept to the bit


def image_of(pixels: Tensor) -> Image:
    """An image (C, H, W) of bytes, grey or RGB."""
    height, width = pixels.shape[1:]
    values = np.ascontiguousarray(pixels.detach().cpu().permute(1, 2, 0).numpy())
    picture = PILImage.fromarray(values.squeeze(2) if values.shape[2] == 1 else values)
    written = io.BytesIO()
    small = max(height, width) <= SMALL
    if small:
        picture.save(written, "PNG", optimize=True)
    else:
        picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        picture.save(written, "JPEG", quality=80, optimize=True)
    data = base64.b64encode(written.getvalue()).decode("ascii")
    return {"address": f"data:image/{'png' if small else 'jpeg'};base64,{data}", "height": height, "width": width}
