"""Pictures of strangers: whatever they send, it is our small WebP or a sentence."""

import io
import random
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from everkin.characters.avatars import MAX_SIDE, reencode
from everkin.domain.errors import Invalid, TooLong

SEEDS = 400

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::PIL.Image.DecompressionBombWarning")


def chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, *, pixels: bytes = b"\0" * 1000, more: bytes = b"", ending: bool = True) -> bytes:
    """By hand, so that the header may say anything."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    content = header + more + chunk(b"IDAT", zlib.compress(pixels))
    return b"\x89PNG\r\n\x1a\n" + content + (chunk(b"IEND", b"") if ending else b"")


def encoded(kind: str, size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    image = Image.effect_noise(size, 50).convert("RGB")
    stored = io.BytesIO()
    frames = {"save_all": True, "append_images": [image.rotate(180), image]} if options.pop("animated", False) else {}
    image.save(stored, kind, **frames, **options)
    return stored.getvalue()


def gif_with_a_large_frame() -> bytes:
    """The canvas is small; the first frame says that it is not."""
    content = bytearray(encoded("GIF"))
    frame = content.index(b"\x2c" + struct.pack("<HHHH", 0, 0, 64, 48))
    content[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 60_000)
    return bytes(content)


def webp_with_a_large_canvas() -> bytes:
    content = bytearray(encoded("WEBP", animated=True))
    size = content.index(b"VP8X") + 12
    content[size : size + 6] = (16_382).to_bytes(3, "little") * 2
    return bytes(content)


def jpeg_with_a_large_header() -> bytes:
    content = bytearray(encoded("JPEG"))
    size = content.index(b"\xff\xc0") + 5
    content[size : size + 4] = struct.pack(">HH", 65_000, 65_000)
    return bytes(content)


TOO_LARGE = {
    "20000 x 20000": png(20_000, 20_000),
    "10000 x 10000": png(10_000, 10_000),
    "1 x 100000000": png(1, 100_000_000),
    "100000000 x 1": png(100_000_000, 1),
    "one pixel too wide": png(MAX_SIDE + 1, 1),
    "as large as can be said": png(2**31 - 1, 2**31 - 1),
    "gif": gif_with_a_large_frame(),
    "webp": webp_with_a_large_canvas(),
    "jpeg": jpeg_with_a_large_header(),
}

UNREADABLE = {
    "empty": b"",
    "nothing but a signature": b"\x89PNG\r\n\x1a\n",
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "bmp": encoded("BMP"),
    "tiff": encoded("TIFF"),
    "pdf": encoded("PDF"),
    "text": b"Good evening!" * 100,
    "no size": png(0, 0),
    "header with a wrong sum": png(8, 8).replace(struct.pack(">II", 8, 8), struct.pack(">II", 9, 9)),
    "fewer pixels than it says": png(64, 64, pixels=bytes(20)),
    "a chunk with a wrong sum": png(8, 8, more=chunk(b"PLTE", bytes(6))[:-4] + bytes(4)),
    "pixels that are no zlib": png(8, 8, more=chunk(b"IDAT", b"not deflated at all")),
    "png cut short": encoded("PNG")[:-1000],
    "jpeg cut short": encoded("JPEG")[:400],
    "webp cut short": encoded("WEBP")[:-200],
    "text chunk that inflates to 200 MB": png(
        8, 8, more=chunk(b"zTXt", b"note\0\0" + zlib.compress(bytes(200_000_000), 9))
    ),
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_too_many_pixels_are_refused_by_the_header(name: str) -> None:
    with pytest.raises(Invalid, match="larger than 4096 x 4096") as refused:
        await reencode(TOO_LARGE[name])
    assert (refused.value.field, refused.value.limit) == ("avatar", MAX_SIDE)


@pytest.mark.parametrize("name", UNREADABLE)
async def test_what_is_no_picture_is_refused(name: str) -> None:
    with pytest.raises(Invalid, match="PNG, JPEG, WebP or GIF") as refused:
        await reencode(UNREADABLE[name])
    assert refused.value.field == "avatar"


async def test_too_many_bytes() -> None:
    with pytest.raises(TooLong):
        await reencode(png(8, 8) + bytes(5 * 2**20))


def tagged() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010E] = "taken at home"
    return exif


PICTURES = {
    "png": encoded("PNG", exif=tagged()),
    "jpeg": encoded("JPEG", exif=tagged(), icc_profile=b"a profile", comment=b"taken at home"),
    "webp": encoded("WEBP", exif=tagged(), icc_profile=b"a profile"),
    "gif": encoded("GIF", comment=b"taken at home"),
    "animated gif": encoded("GIF", animated=True),
    "animated webp": encoded("WEBP", animated=True),
    "animated png": encoded("PNG", animated=True),
    "as large as may be": encoded("PNG", (MAX_SIDE, 1)),
    "large": encoded("JPEG", (1600, 900)),
}


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_becomes_a_small_square_without_metadata(name: str) -> None:
    stored = await reencode(PICTURES[name])
    with Image.open(io.BytesIO(stored), formats=["WEBP"]) as picture:
        assert picture.width == picture.height <= 512
        assert getattr(picture, "n_frames", 1) == 1
        assert not picture.getexif()
        assert "icc_profile" not in picture.info
    assert b"taken at home" not in stored


async def test_a_picture_is_turned_as_its_camera_says() -> None:
    image = Image.new("RGB", (40, 40), "white")
    image.paste("black", (0, 0, 40, 20))
    stored = io.BytesIO()
    image.save(stored, "JPEG", exif=tagged())
    with Image.open(io.BytesIO(await reencode(stored.getvalue()))) as turned:
        left, right = turned.convert("L").getpixel((5, 20)), turned.convert("L").getpixel((35, 20))
    assert isinstance(left, int | float)
    assert isinstance(right, int | float)
    assert left > 200 > 50 > right, "the top is at the right now"


def broken() -> Iterator[bytes]:
    """Pictures with a few bytes changed, cut short or both; PNG with sums that are right again."""
    rng = random.Random(5)
    whole = list(PICTURES.values())[:7]
    for _ in range(SEEDS):
        content = bytearray(rng.choice(whole))
        for _ in range(rng.choice((1, 2, 8))):
            content[rng.randrange(min(len(content), rng.choice((60, 300, 100_000))))] = rng.randrange(256)
        yield bytes(content[: rng.randrange(len(content))] if rng.random() < 0.2 else content)


async def test_whatever_is_broken_is_a_picture_or_a_sentence() -> None:
    ends = set()
    for content in broken():
        try:
            await reencode(content)
            ends.add("a picture")
        except Invalid:
            ends.add("a sentence")
    assert ends == {"a picture", "a sentence"}
