"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

data_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data folder (default: EVERKIN_DATA, else the platform's).",
)
model_option: Callable[[Callable[..., Any]], Callable[..., Any]] = click.option(
    "--model", help="Who speaks: local, scripted, or a preset such as openai, groq, ollama."
)
