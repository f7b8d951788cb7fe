"""Avatars: a stranger's image is decoded within limits and stored only as our own encoding of it."""

import asyncio
import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from everkin.domain.errors import Invalid, TooLong

MAX_BYTES = 5 * 2**20
MAX_SIDE = 4096
STORED_SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


async def reencode(image: bytes) -> bytes:
    """WebP, square, at most 512 x 512, without metadata. TooLong over 5 MiB; Invalid for what is no such picture."""
    if len(image) > MAX_BYTES:
        raise TooLong("The picture is larger than 5 MiB. Choose a smaller one.", limit=MAX_BYTES)
    return await asyncio.to_thread(_reencode, image)


def _reencode(image: bytes) -> bytes:
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(image), formats=FORMATS) as opened:
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            if max(opened.size) > MAX_SIDE:
                raise Invalid(f"The picture is larger than {MAX_SIDE} x {MAX_SIDE} pixels. Choose a smaller one.")
            upright = ImageOps.exif_transpose(opened).convert("RGBA")
        side = min(STORED_SIDE, *upright.size)
        square = ImageOps.fit(upright, (side, side))
        stored = io.BytesIO()
        square.save(stored, "WEBP", quality=88)
        return stored.getvalue()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombWarning):
        raise Invalid("This is not a picture Everkin can read. Use PNG, JPEG, WebP or GIF.") from None
