"""Damage that nobody foresaw costs one file, in one line, whichever library met it."""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from index import AddReport, ArticleIndex
from index.formats.pdf_layout import Run, page_lines
from index.formats.text_stream import lines
from index.reading import normalise

Write = Callable[..., Path]

GOOD = "The ferry was late again on Tuesday, and nobody at the landing was surprised."


def add_beside(index: ArticleIndex, write: Write, path: Path) -> AddReport:
    """Adds a file between two good ones, which must get in."""
    before, after = write("0-before.txt", GOOD), write("z-after.txt", f"{GOOD} Nor was anybody on Wednesday.")
    report = index.add([before, path, after])
    assert {str(before), str(after)} <= set(report.added)
    assert all(failure.reason.isprintable() for failure in report.failed)
    return report


def test_a_row_whose_author_is_nested_deeply_costs_only_its_file(write: Write, index: ArticleIndex) -> None:
    nested: object = "Ida"
    for _ in range(600):
        nested = [nested]
    path = write("rows.jsonl", json.dumps({"id": nested, "text": f"{GOOD} It was Ida’s."}) + "\n")
    report = add_beside(index, write, path)
    assert [failure.source.partition("#")[0] for failure in report.failed] in ([], [str(path)])
    assert len(report.added) + len(report.failed) == 3


def test_a_damaged_first_member_is_a_damaged_archive(write: Write, index: ArticleIndex, tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip" * 20)
        archive.writestr("story.txt", GOOD)
    data = bytearray(target.getvalue())
    data[38:46] = b"\xff" * 8  # in the packed bytes of the first member
    path = tmp_path / "book.zip"
    path.write_bytes(data)
    report = add_beside(index, write, path)
    assert [failure.source for failure in report.failed] == [f"{path}!/mimetype"]
    assert f"{path}!/story.txt" in {*report.added, *report.duplicates}


def test_a_line_without_end_is_passed_over_in_a_time_that_grows_with_its_length() -> None:
    def seconds(size: int) -> float:
        began = time.thread_time()
        found = [line.text is None for line in lines("a.csv", io.BytesIO(b"a" * size + b"\nb"), size // 2)]
        assert found == [True, False]
        return time.thread_time() - began

    small = min(seconds(4_000_000) for _ in range(3))
    large = min(seconds(32_000_000) for _ in range(2))
    assert large < 8 * 4 * max(small, 0.01)  # with the square of the length it would be 64 times


def test_a_letter_with_very_many_accents_is_read_in_seconds() -> None:
    began = time.thread_time()
    text = normalise("e" + "\u0301\u0323" * 200_000 + " and o\u0308")
    assert time.thread_time() - began < 10
    assert text.startswith("ẹ")
    assert text.endswith(" and ö")
    assert len(text) < 100


def test_lines_are_as_they_were_written() -> None:
    text = "one\n\ntwo\n" + "x" * 200_000 + "\nlast"
    assert [line.text for line in lines("a.csv", io.BytesIO(text.encode()), 300_000)] == text.splitlines(keepends=True)
    short = [line.text for line in lines("a.csv", io.BytesIO(text.encode()), 1000)]
    assert short == ["one\n", "\n", "two\n", None, "last"]


def test_a_page_of_thousands_of_letters_is_put_in_order_in_seconds() -> None:
    places = [(19.0 * (number * 7 % 1000), float(number * 13 % 800)) for number in range(20_000)]
    letters = [Run("A", x, y, x + 5, y + 9) for x, y in places]
    began = time.thread_time()
    assert page_lines(letters)
    assert time.thread_time() - began < 10
