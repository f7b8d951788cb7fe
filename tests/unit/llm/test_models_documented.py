"""docs/models.md names every preset with its key and default model, every local model, and every directive."""

from pathlib import Path

import pytest

from everkin.domain.errors import ModelError
from everkin.llm.local.catalogue import CATALOGUE
from everkin.llm.providers import scripted
from everkin.llm.providers.presets import PRESETS, Preset

DOCS = (Path(__file__).parents[3] / "docs" / "models.md").read_text("utf-8")


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda preset: preset.name)
def test_a_preset_is_documented(preset: Preset) -> None:
    [row] = [line for line in DOCS.splitlines() if line.startswith(f"| `{preset.name}` |")]
    assert preset.doc in row
    assert preset.default_model in row
    if not preset.local:
        assert preset.key_env in row


def test_local_models_directives_and_codes_are_documented() -> None:
    directives = [line.split()[0] for line in (scripted.__doc__ or "").splitlines() if line.startswith("    /")]
    codes = [kind.code for kind in ModelError.__subclasses__()]
    assert directives
    for name in (*CATALOGUE, *directives, *codes):
        assert f"`{name}" in DOCS, name
