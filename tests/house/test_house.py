"""The plan, checked: sizes, habits, and that what exists is documented."""

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import click
import pytest

from everkin.cli import cli
from everkin.domain.errors import StartError
from everkin.interfaces.metrics import PATH
from everkin.interfaces.sockets import wire
from everkin.interfaces.web import REST_PATHS
from everkin.settings import all_settings, load_settings

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "everkin"
FILES = sorted(path for path in SOURCE.rglob("*.py") if "versions" not in path.parts)


def functions() -> Iterator[tuple[Path, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_files_and_functions_stay_small() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert median(lengths.values()) <= 120
    assert not {str(path): length for path, length in lengths.items() if length > 400}
    bodies = sorted((node.end_lineno or 0) - node.lineno + 1 for _, node in functions())
    assert bodies[int(len(bodies) * 0.99)] <= 60


def test_every_file_says_what_it_is_for() -> None:
    bare = [
        path
        for path in FILES
        if not ast.get_docstring(ast.parse(path.read_text("utf-8"))) and path.name != "__main__.py"
    ]
    assert not bare


def test_no_file_is_a_drawer() -> None:
    assert not [path for path in FILES if re.search(r"util|helper|common|misc|_v2", path.stem)]


@pytest.mark.parametrize(
    ("pattern", "allowed", "why"),
    [
        (r"os\.environ|os\.getenv", {"settings/__init__.py"}, "configuration is read once, in settings/__init__.py"),
        (r"\bimport pickle\b", set(), "pickle runs what it reads"),
        (
            r"asyncio\.create_task\(|ensure_future\(|loop\.create_task\(",
            {"kit/tasks.py"},
            "a task belongs to somebody (kit/tasks.py)",
        ),
        (r"time\.sleep\(", set(), "nothing waits while holding the loop; time has a seam (kit/clock.py)"),
    ],
)
def test_habits(pattern: str, allowed: set[str], why: str) -> None:
    breaches = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in FILES
        if str(path.relative_to(SOURCE)) not in allowed
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if re.search(pattern, line) and "house: allowed" not in line
    ]
    assert not breaches, why


def test_every_setting_event_and_command_is_documented() -> None:
    settings = (ROOT / "docs/settings.md").read_text("utf-8")
    assert not [knob.env for knob in all_settings() if f"`{knob.env}`" not in settings]
    events = (ROOT / "docs/events.md").read_text("utf-8")
    assert not [
        each.name
        for each in (*wire.REQUESTS, *wire.EVENTS)
        if f"`{each.name}`" not in events and f"### {each.name}" not in events
    ]
    words = "".join(path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
    context = click.Context(cli)
    assert not [name for name in cli.list_commands(context) if f"everkin {name}" not in words]


def test_the_map_names_every_room_and_no_file_that_is_gone() -> None:
    text = (ROOT / "docs/map.md").read_text("utf-8")
    named = set(re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|ts|tsx))`", text))
    gone = [name for name in named if not any((base / name).is_file() for base in (SOURCE, ROOT, ROOT / "web/src"))]
    assert not gone
    rooms = [path.name for path in SOURCE.iterdir() if path.is_dir() and (path / "__init__.py").is_file()]
    assert not [room for room in rooms if f"{room}/" not in text]


def test_the_layers_shown_are_the_layers_held() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(each["layers"] for each in contracts if each["type"] == "layers")
    block = "\n".join(["```", *(layer.replace("everkin.", "") for layer in layers), "```"])
    for page in ("CONTRIBUTING.md", "docs/map.md"):
        assert block in (ROOT / page).read_text("utf-8"), f"{page} shows other layers than pyproject.toml"


def test_the_readme_names_every_room() -> None:
    shown = (ROOT / "README.md").read_text("utf-8").partition("## The map")[2].partition("\n## ")[0]
    rooms = [path.name for path in SOURCE.iterdir() if (path / "__init__.py").is_file()]
    assert not [room for room in rooms if f" {room}/" not in shown]


def test_every_extra_is_imported_somewhere() -> None:
    """An extra that no code uses installs packages for nothing."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    text = "\n".join(path.read_text("utf-8") for path in FILES)
    imported = set(re.findall(r"^\s*(?:from|import) (\w+)", text, re.MULTILINE)) | set(
        re.findall(r'import_module\("(\w+)', text)
    )
    wanted = {name: {re.split(r"[\[>=;]", each)[0] for each in each_of} for name, each_of in extras.items()}
    unused = {name: wanted[name] - imported for name in wanted if name != "dev"}
    assert not {name: packages for name, packages in unused.items() if packages}


def test_links_in_the_docs_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert not broken


def anchors(page: Path) -> set[str]:
    """Of its headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_links_into_a_page_lead_to_a_heading() -> None:
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    links = [
        (page, page.parent / target if target else page, anchor)
        for page in pages
        for target, anchor in re.findall(r"\]\((?!https?:|mailto:)([^)#\s]*)#([^)\s]+)\)", page.read_text("utf-8"))
    ]
    assert len(links) > 5
    assert not [f"{page.name}: {anchor}" for page, target, anchor in links if anchor not in anchors(target)]


def test_nothing_committed_names_one_machine() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split(
        "\n"
    )
    if not any(tracked):
        pytest.skip("not a git checkout")
    assert not [name for name in tracked if re.search(r"(^|/)(uv\.lock|pylock\.toml|node_modules/|\.venv/)", name)]


def test_the_socket_path_can_be_no_path_of_another_part() -> None:
    """The paths are named twice, because settings know no interface."""
    for path in (*REST_PATHS, PATH):
        with pytest.raises(StartError, match="WEBSOCKET_PATH"):
            load_settings({"WEBSOCKET_PATH": path}, ROOT / "no.env")
