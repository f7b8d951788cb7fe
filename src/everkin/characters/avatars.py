"""Avatars: an uploaded image is decoded within limits and stored only in re-encoded form."""

import asyncio
import io
import logging

from PIL import Image, ImageOps

from everkin.domain.errors import Invalid, TooLong

log = logging.getLogger("everkin.avatars")

MAX_BYTES = 5 * 2**20
"""Bytes of an uploaded image."""
MAX_SIDE = 4096
"""Pixels of its width and height."""
STORED_SIDE = 512
"""Pixels of a stored image's width and height."""
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
"""Accepted formats, by Pillow's names."""


async def reencode(image: bytes) -> bytes:
    """Return the first frame as square WebP of at most 512 x 512 without metadata.

    Raises:
        TooLong: The image is larger than 5 MiB.
        Invalid: It is larger than 4096 x 4096, as its header states, or not a readable image of an accepted format.
    """
    if len(image) > MAX_BYTES:
        raise TooLong("The picture is larger than 5 MiB. Choose a smaller one.", limit=MAX_BYTES)
    return await asyncio.to_thread(_reencode, image)


def _reencode(image: bytes) -> bytes:
    try:
        return _decoded(image)
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None
    except Exception as error:  # noqa: BLE001  hostile bytes can make a decoder raise any error
        log.info("a picture could not be decoded: %s", type(error).__name__)
        raise Invalid("This is not a picture Everkin can read. Use PNG, JPEG, WebP or GIF.", field="avatar") from None


def _decoded(image: bytes) -> bytes:
    with Image.open(io.BytesIO(image), formats=FORMATS) as opened:
        if max(opened.size) > MAX_SIDE:
            raise _too_large()
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    side = min(STORED_SIDE, *upright.size)
    stored = io.BytesIO()
    ImageOps.fit(upright, (side, side)).save(stored, "WEBP", quality=88)
    return stored.getvalue()


def _too_large() -> Invalid:
    return Invalid(
        f"The picture is larger than {MAX_SIDE} x {MAX_SIDE} pixels. Choose a smaller one.",
        field="avatar",
        limit=MAX_SIDE,
    )
