"""Counts the lines of code that a job takes in one of the ``run_*`` files."""

from __future__ import annotations

import ast
from pathlib import Path


def lines_of_code(path: Path, way: str) -> int:
    """Lines of the function ``add``, of one way to ask, and of the imports that these two need.

    Blank lines, comments and docstrings are not counted.
    """
    source = path.read_text("utf-8")
    kept = [node for node in ast.parse(source).body if getattr(node, "name", "") in ("add", way)]
    used = {node.id for one in kept for node in ast.walk(one) if isinstance(node, ast.Name)}
    for node in ast.parse(source).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)) and used & {one.asname or one.name for one in node.names}:
            kept.append(node)
    text = source.splitlines()
    numbers = {number for node in kept for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    return sum(bool(text[number - 1].strip()) and not text[number - 1].strip().startswith("#") for number in numbers)
