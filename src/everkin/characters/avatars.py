"""Avatars: a stranger's image is decoded within limits and stored only as our own encoding of it."""

import asyncio
import io
import logging

from PIL import Image, ImageOps

from everkin.domain.errors import Invalid, TooLong

log = logging.getLogger("everkin.avatars")

MAX_BYTES = 5 * 2**20
MAX_SIDE = 4096
STORED_SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


async def reencode(image: bytes) -> bytes:
    """WebP, square, at most 512 x 512, without metadata, of the first frame. TooLong over 5 MiB; Invalid for what is larger
    than 4096 x 4096, decided by its header, and for what is no such picture."""
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
    except Exception as error:  # noqa: BLE001  a decoder raises whatever hostile bytes lead it to
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
