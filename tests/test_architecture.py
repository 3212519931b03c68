"""What keeps the code in order: who may import whom, one module for each library, small modules, said in docstrings."""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import types
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("index", "qa", "ui")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
BELOW = {"index": set(), "qa": {"index"}, "ui": {"index", "qa"}}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@functools.cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def imports(path: Path) -> frozenset[str]:
    """The full names of all modules that a module imports, inside functions too."""
    package = path.relative_to(ROOT).parts[0]
    found: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(f"{package}.{node.module or ''}" if node.level else node.module or "")
    return frozenset(found)


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_go_one_way(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    allowed = BELOW[package] | {package}
    for name in imports(path):
        top = name.split(".")[0]
        assert top not in PACKAGES or top in allowed, f"{name_of(path)} imports {name}"
        assert top != "pullquote", f"{name_of(path)} imports the module that is for users"


@pytest.mark.parametrize(
    ("library", "importers"),
    [
        ("argon2", {"ui.accounts.passwords"}),
        ("babel", {"ui.words.__init__"}),
        ("faiss", {"index.vectors.library"}),
        ("rapidfuzz", {"qa.checking.aligning"}),
        ("tantivy", {"index.words"}),
        ("milvus_lite", {"index.milvus.library"}),
        ("pymilvus", {"index.milvus.library"}),
        ("sentence_transformers", {"index.embedding"}),
        ("brotli", {"index.web.decoding"}),
        ("defusedxml", {"index.formats.xml_stream"}),
        ("feedparser", {"index.web.feeds"}),
        ("httpcore2", {"index.web.transport"}),
        ("idna", {"index.web.addresses"}),
        ("pypdfium2", {"index.formats.pdf_worker"}),
        ("striprtf", {"index.formats.rich_text"}),
        ("protego", {"index.web.robots"}),
        ("filelock", {"index.lock"}),
        ("htmldate", {"index.formats.web_metadata"}),
        ("lxml", {"index.formats.web_tree", "index.formats.xhtml"}),
        ("trafilatura", {"index.formats.web_page"}),
        ("httpx2", {"qa.writer.client"}),
        ("openai", {"qa.writer.client"}),
        ("text_to_num", {"qa.writer.amounts"}),
        ("markdown_it", {"index.formats.markdown"}),
        ("mcp", {"ui.mcp_server"}),
        ("prompt_toolkit", {"ui.chat_command"}),
        ("puremagic", {"index.formats.detection"}),
        ("warcio", {"index.formats.web_archive"}),
        ("watchfiles", {"ui.watching"}),
        ("webvtt", {"index.formats.transcripts"}),
        ("tokenizers", {"qa.reader.inputs"}),
        ("safetensors", {"qa.reader.model"}),
        ("nupunkt", {"index.paragraphs"}),
        ("py3langid", {"index.languages"}),
        ("sentencex", {"index.paragraphs"}),
    ],
)
def test_each_library_has_one_importer(library: str, importers: set[str]) -> None:
    assert {name_of(path) for path in MODULES if any(n.split(".")[0] == library for n in imports(path))} == importers


def test_sqlite_is_imported_by_the_catalogs_database_and_the_web_apps_store_only() -> None:
    found = {name_of(path) for path in MODULES if "sqlite3" in imports(path)}
    assert found == {"index.database", "ui.store.database"}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_module_is_over_400_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


@pytest.mark.parametrize("package", ["index", "qa", "pullquote"])
def test_public_names_are_sorted_and_complete(package: str) -> None:
    module = importlib.import_module(package)
    public = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType)
    }
    assert list(module.__all__) == sorted(set(module.__all__))
    assert set(module.__all__) == public


def test_the_one_module_for_users_has_the_names_of_both_packages() -> None:
    import index
    import pullquote
    import qa

    assert pullquote.__all__ == sorted([*index.__all__, *qa.__all__])
    for name in ("ArticleIndex", "Chat", "ask", "retrieve"):
        assert name in pullquote.__all__


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_every_public_thing_says_what_it_is(path: Path) -> None:
    tree = parsed(path)
    if tree.body:
        assert ast.get_docstring(tree), f"{name_of(path)} has no docstring"
    for node in tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name.startswith("_"):
            continue
        assert ast.get_docstring(node), f"{name_of(path)}.{node.name} has no docstring"


@pytest.mark.parametrize("package", ["index", "qa"])
def test_every_public_method_says_what_it_does(package: str) -> None:
    module = importlib.import_module(package)
    for name in module.__all__:
        value = getattr(module, name)
        if not inspect.isclass(value) or not value.__module__.startswith(f"{package}."):
            continue
        for method, function in vars(value).items():
            if not method.startswith("_") and (inspect.isfunction(function) or isinstance(function, property)):
                own_words = inspect.getdoc(function) or (name, method) == ("Embedder", "record")
                assert own_words, f"{name}.{method} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_catches_everything(path: Path) -> None:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, f"{name_of(path)}:{node.lineno} catches everything"
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {name.id for name in caught if isinstance(name, ast.Name)}
            assert "Exception" not in names, f"{name_of(path)}:{node.lineno} catches every Exception"
            if "BaseException" in names:
                ends = node.body[-1]
                assert isinstance(ends, ast.Raise), f"{name_of(path)}:{node.lineno} keeps a Ctrl-C to itself"
