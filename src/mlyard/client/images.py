"""Makes image files of arrays and Pillow images."""

from __future__ import annotations

import io
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need

_THUMBNAIL = 256
_CHANNELS = (1, 3, 4)


def is_image(value: Any) -> bool:
    """Whether a value is a Pillow image, or wraps one as MLflow's Image does."""
    return hasattr(value, "to_pil") or type(value).__module__.startswith("PIL.")


def picture(value: Any) -> Any:
    """The Pillow image of an array or an image. Raises InvalidParameter for anything else."""
    if hasattr(value, "to_pil"):
        return value.to_pil()
    if type(value).__module__.startswith("PIL."):
        return value
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return need("PIL.Image", "images").fromarray(_pixels(value))
    raise InvalidParameter(f"An image is a Pillow image or a NumPy array, not a {type(value).__name__}.")


def encoded(image: Any, ending: str) -> bytes:
    """The content of a file with this ending. Raises InvalidParameter if Pillow does not know the format."""
    kinds = need("PIL.Image", "images").registered_extensions()
    kind = kinds.get(ending.lower())
    if kind is None:
        raise InvalidParameter(f"Images cannot be written as {ending!r} files: use .png, .jpg or .webp.")
    buffer = io.BytesIO()
    (image.convert("RGB") if kind == "JPEG" and image.mode not in {"L", "RGB"} else image).save(buffer, kind)
    return buffer.getvalue()


def thumbnail(image: Any) -> Any:
    """The image in RGB, scaled so that its longer side has 256 pixels."""
    scale = _THUMBNAIL / max(image.size)
    return image.convert("RGB").resize([max(1, round(side * scale)) for side in image.size])


def _pixels(array: Any) -> Any:
    """The array as bytes: from booleans, floats from 0 to 1, or integers from 0 to 255. Raises InvalidParameter."""
    numpy: Any = need("numpy", "models")
    if array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] not in _CHANNELS):
        raise InvalidParameter(
            f"Invalid shape {array.shape} of an image array: it must be (height, width) or (height, width, channels) "
            f"with {_CHANNELS[0]}, {_CHANNELS[1]} or {_CHANNELS[2]} channels."
        )
    flat = array[:, :, 0] if array.ndim == 3 and array.shape[2] == 1 else array
    if flat.size == 0:
        raise InvalidParameter(f"An image of shape {array.shape} has no pixels.")
    if flat.dtype.kind == "b":
        return flat.astype(numpy.uint8) * 255
    low, high = float(flat.min()), float(flat.max())
    limit = 1 if flat.dtype.kind == "f" else 255
    if flat.dtype.kind not in "fiu" or not 0 <= low <= high <= limit:
        raise InvalidParameter(
            f"Pixels must be booleans, integers from 0 to 255 or floats from 0 to 1; these are {flat.dtype} "
            f"from {low:g} to {high:g}."
        )
    return (flat * 255 if limit == 1 else flat).astype(numpy.uint8)
