"""Images from what scripts hold them in, through Pillow."""

from __future__ import annotations

import io
from typing import Any

from mlyard.core.errors import InvalidParameter
from mlyard.core.lazy import need

_THUMBNAIL = 256
_CHANNELS = (1, 3, 4)


def is_image(value: Any) -> bool:
    """Whether it is a Pillow image, or holds one as MLflow's Image does."""
    return hasattr(value, "to_pil") or type(value).__module__.startswith("PIL.")


def picture(value: Any) -> Any:
    """The Pillow image of an array or an image. Raises InvalidParameter when it can be no image."""
    if hasattr(value, "to_pil"):
        return value.to_pil()
    if type(value).__module__.startswith("PIL."):
        return value
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return need("PIL.Image", "images").fromarray(_pixels(value))
    raise InvalidParameter(f"An image is a Pillow image or a NumPy array, not a {type(value).__name__}.")


def encoded(image: Any, ending: str) -> bytes:
    """The bytes of a file with that ending. Raises InvalidParameter when Pillow knows no such format."""
    kinds = need("PIL.Image", "images").registered_extensions()
    kind = kinds.get(ending.lower())
    if kind is None:
        raise InvalidParameter(f"Images are not written as {ending!r}: use .png, .jpg or .webp.")
    buffer = io.BytesIO()
    (image.convert("RGB") if kind == "JPEG" and image.mode not in {"L", "RGB"} else image).save(buffer, kind)
    return buffer.getvalue()


def thumbnail(image: Any) -> Any:
    """The image in colours, its longer side of 256 pixels."""
    scale = _THUMBNAIL / max(image.size)
    return image.convert("RGB").resize([max(1, round(side * scale)) for side in image.size])


def _pixels(array: Any) -> Any:
    """Bytes: of 0 and 1, of floats from 0 to 1, or of integers from 0 to 255."""
    numpy: Any = need("numpy", "models")
    if array.ndim not in {2, 3} or (array.ndim == 3 and array.shape[2] not in _CHANNELS):
        raise InvalidParameter(
            f"An image array is height x width, or height x width x {_CHANNELS} channels; this one is {array.shape}."
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
            f"Pixels are booleans, integers from 0 to 255 or floats from 0 to 1; these are {flat.dtype} "
            f"from {low:g} to {high:g}."
        )
    return (flat * 255 if limit == 1 else flat).astype(numpy.uint8)
