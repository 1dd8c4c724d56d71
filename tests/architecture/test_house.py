"""The house keeps its own rules of form; the arrows between rooms are for import-linter to check."""

import ast
from pathlib import Path

import pytest

import voltherd

HOUSE = Path(voltherd.__file__).parent
MODULES = sorted(HOUSE.rglob("*.py"))
FOLDERS = sorted({module.parent for module in MODULES})
LONGEST_MODULE = 400


def named(path: Path) -> str:
    return str(path.relative_to(HOUSE.parent))


@pytest.mark.parametrize("folder", FOLDERS, ids=named)
def test_makes_every_folder_a_package(folder: Path) -> None:
    assert (folder / "__init__.py").is_file()


@pytest.mark.parametrize("module", MODULES, ids=named)
def test_says_what_every_module_is_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


@pytest.mark.parametrize("module", [module for module in MODULES if module.name != "payloads.py"], ids=named)
def test_keeps_every_module_short(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE
