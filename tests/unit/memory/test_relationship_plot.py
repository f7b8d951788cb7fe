"""The picture in docs shows the formula that ships."""

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[3]


def test_the_picture_is_drawn_from_todays_formula() -> None:
    script = runpy.run_path(str(ROOT / "scripts" / "plot_relationship.py"))
    drawn = script["drawn"](script["curves"]())
    assert script["OUT"].read_text("utf-8") == drawn, "run scripts/plot_relationship.py"
