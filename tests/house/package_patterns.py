"""Every regular expression of the package, and how each is asked.

`python -m tests.house.package_patterns` imports all of Everkin with re.compile recorded and prints JSON. A process of its own, because what is
imported already compiles nothing any more.
"""

import ast
import importlib
import json
import pkgutil
import re
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "everkin"

SCANNING = frozenset(("finditer", "findall", "sub", "subn", "split"))
ASKING = frozenset(("match", "fullmatch", "search")) | SCANNING
NEVER_IMPORTED = frozenset(("everkin.__main__", "everkin.storage.sql.migrations.env"))
"""They run at import."""
TABLES = {"memory/extraction/english/rule.py": ("match",), "memory/extraction/english/slots.py": ("match",)}
"""Modules whose patterns stand in tables without a name, and how those tables are gone through."""


@dataclass(frozen=True)
class PackagePattern:
    where: str
    """`memory/extraction/english/clauses.py:66`, below the package."""
    name: str
    """Empty for one of a table."""
    pattern: str
    flags: int
    asked: tuple[str, ...]
    """How it is used: some of match, fullmatch, search, finditer. Where that cannot be seen from a name, in the two ways that
    take the longest."""


def package_patterns() -> list[PackagePattern]:
    shown = subprocess.run(
        [sys.executable, "-m", "tests.house.package_patterns"], cwd=ROOT, capture_output=True, check=True, timeout=120
    )
    return [PackagePattern(*each[:4], asked=tuple(each[4])) for each in json.loads(shown.stdout)]


def inline_patterns(source: str) -> list[int]:
    """Lines that call re.sub, re.match and so on: such a pattern has no name, and escapes whoever looks for patterns."""
    return sorted(
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id == "re"
            and node.attr in ASKING
        )
        or (isinstance(node, ast.ImportFrom) and node.module == "re")
    )


def compiled_in_functions(source: str) -> list[str]:
    """Names of the functions that make a pattern while the house runs."""
    tree = ast.parse(source)
    return sorted(
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and (node.value.id, node.attr) == ("re", "compile")
    )


def _recorded() -> list[tuple[re.Pattern[str], str]]:
    found: list[tuple[re.Pattern[str], str]] = []
    plainly = re.compile

    def recording(pattern: Any, flags: Any = 0) -> Any:
        made = plainly(pattern, flags)
        path = Path(sys._getframe(1).f_code.co_filename)
        if path.is_relative_to(PACKAGE) and isinstance(made.pattern, str):
            found.append((made, f"{path.relative_to(PACKAGE)}:{sys._getframe(1).f_lineno}"))
        return made

    re.compile = recording  # type: ignore[assignment]
    import everkin

    for module in pkgutil.walk_packages(everkin.__path__, "everkin."):
        if module.name not in NEVER_IMPORTED and not module.name.startswith("everkin.storage.sql.migrations.versions"):
            importlib.import_module(module.name)
    return found


def _asked_by_name() -> dict[int, set[str]]:
    """Of each pattern that has a name, by its identity: how that name is used, wherever it was imported."""
    asked: defaultdict[int, set[str]] = defaultdict(set)
    for module in [module for name, module in sys.modules.items() if name.startswith("everkin.")]:
        if not (file := getattr(module, "__file__", None)):
            continue
        for node in ast.walk(ast.parse(Path(file).read_text("utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ASKING:
                named = _value(module, node.value)
                if isinstance(named, re.Pattern):
                    asked[id(named)].add("finditer" if node.attr in SCANNING else node.attr)
    return asked


def _value(module: Any, node: ast.expr) -> Any:
    """What `NAME` or `words.NAME` stands for."""
    if isinstance(node, ast.Name):
        return getattr(module, node.id, None)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return getattr(getattr(module, node.value.id, None), node.attr, None)
    return None


def _names() -> dict[int, str]:
    return {
        id(value): name
        for module in [module for path, module in sys.modules.items() if path.startswith("everkin.")]
        for name, value in vars(module).items()
        if isinstance(value, re.Pattern)
    }


def _listed() -> list[tuple[str, str, str, int, list[str]]]:
    recorded, asked = _recorded(), _asked_by_name()
    names = _names()
    unseen = ("fullmatch", "finditer")
    found: dict[tuple[str, str, str, int], list[str]] = {}
    for made, where in recorded:
        how = asked.get(id(made)) or TABLES.get(where.partition(":")[0], unseen)
        found[where, names.get(id(made), ""), made.pattern, made.flags] = sorted(how)
    return [(*each, how) for each, how in found.items()]


if __name__ == "__main__":
    json.dump(_listed(), sys.stdout)
