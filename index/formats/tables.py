"""Tables of articles: JSON lines, and CSV or TSV with a line of column names; each row is one article."""

from __future__ import annotations

import csv
import email.utils
import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from ..article import Failure
from ..errors import PullquoteError, SourceError
from ..reading import Draft, as_date, as_language, draft_from_text, normalise
from .members import Budget, Item, Member, one_line, record_name
from .text_stream import Line, lines

COLUMNS: dict[str, tuple[str, ...]] = {
    "text": ("text", "body", "content", "article", "full_text", "fulltext", "maintext", "article_body", "articlebody"),
    "title": ("title", "headline", "headlines", "heading"),
    "author": ("author", "authors", "byline", "creator"),
    "date": ("date", "published", "publication_date", "date_published", "datepublished", "published_at", "date_publish",
             "publish_date", "pubdate", "created_at", "timestamp"),
    "url": ("url", "link", "canonical_url", "source_url", "permalink"),
    "language": ("language", "lang", "language_code"),
    "site": ("site", "source", "publication", "publisher", "newspaper", "outlet", "site_name", "source_domain",
             "domain"),
    "id": ("id", "guid", "uuid", "article_id", "_id"),
}  # fmt: skip
"""What a column holds, by the names that it goes by, the best one first."""

_SAMPLE = 65_536
_DELIMITERS = ",;\t|"
_MOST_COLUMNS = 40

Row = Mapping[str, Any]


def jsonl_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """One article a line, each an object with at least a text."""
    names = _Names(source, budget.columns)
    keys: tuple[str, ...] = ()
    columns: dict[str, str] = {}
    missing = dict(budget.columns)
    for line in lines(source, stream, budget.member_bytes):
        budget.count(source)
        if line.text is not None and not line.text.strip():
            continue
        name = record_name(source, str(line.number))
        row = _json_row(line)
        if isinstance(row, str):
            yield Failure(name, row)
            continue
        if tuple(row) != keys:
            columns = _columns(list(row), budget.columns)
            if not keys and "text" in missing and "text" not in columns:
                raise SourceError(source, _absent(missing, list(row)))
            keys = tuple(row)
            missing = {meaning: column for meaning, column in missing.items() if meaning not in columns}
        if "text" not in columns:
            yield Failure(name, f"has no column with the text; {_found(keys)}")
            continue
        assert line.text is not None
        yield names.member(row, columns, line.number, line.text.strip())
    if missing and keys:
        yield Failure(source, _absent(missing, keys))


def csv_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """A table whose columns are separated by commas, semicolons, tabs or bars, as its first line shows."""
    return _rows(source, stream, budget, None)


def tsv_members(source: str, stream: BinaryIO, budget: Budget) -> Iterator[Item]:
    """A table whose columns are separated by tabs."""
    return _rows(source, stream, budget, "\t")


def _json_row(line: Line) -> dict[str, Any] | str:
    """A line's object, or what is wrong with it."""
    if line.text is None:
        return "is longer than an article may be"
    try:
        row = json.loads(line.text)
    except ValueError as error:
        return f"is not JSON ({one_line(str(error))})"
    except RecursionError:
        return "is JSON that is nested too deeply"
    return row if isinstance(row, dict) else "is JSON, but not an object with named values"


def _rows(source: str, stream: BinaryIO, budget: Budget, delimiter: str | None) -> Iterator[Item]:
    names = _Names(source, budget.columns)
    # The library's bound is one for the whole process; a longer value than an article may be is none.
    csv.field_size_limit(max(csv.field_size_limit(), budget.member_bytes))
    feed = _physical(source, stream, budget)
    first = next(feed, "")
    reader = csv.reader(itertools.chain([first], feed), delimiter=delimiter or _delimiter(first))
    header: list[str] | None = None
    columns: dict[str, str] = {}
    number = 0
    while True:
        try:
            values = next(reader, None)
        except csv.Error as error:
            reason = f"line {reader.line_num:,} is not as in a table ({error}); the rest is not read"
            raise SourceError(source, reason) from error
        if values is None:
            return
        if not any(value.strip() for value in values):
            continue
        if header is None:
            header, columns = values, _table_columns(source, values, budget.columns)
            continue
        number += 1
        budget.count(source)
        row = dict(zip(header, values, strict=False))
        if len(values) < len(header) and not row.get(columns["text"]):
            yield Failure(record_name(source, str(number)), f"has {len(values)} of {len(header)} columns")
            continue
        yield names.member(row, columns, number, json.dumps(row, ensure_ascii=False))


def _physical(source: str, stream: BinaryIO, budget: Budget) -> Iterator[str]:
    for line in lines(source, stream, budget.member_bytes):
        if line.text is None:
            raise SourceError(source, f"line {line.number:,} is longer than an article may be; the rest is not read")
        yield line.text.replace("\0", "")


def _delimiter(header: str) -> str:
    """That which separates most columns in the line of names."""
    return max(_DELIMITERS, key=header[:_SAMPLE].count)


def _table_columns(source: str, header: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    columns = _columns(header, chosen)
    missing = {meaning: column for meaning, column in chosen.items() if meaning not in columns}
    if missing:
        raise SourceError(source, _absent(missing, header))
    if "text" not in columns:
        raise SourceError(source, f"has no column with the text of the articles; {_found(header)}")
    return columns


def _columns(names: Sequence[str], chosen: Mapping[str, str]) -> dict[str, str]:
    """For each thing that is known of an article the column that holds it; what a person has chosen goes first."""
    plain = {_plain(name): name for name in reversed(names)}
    found = {
        meaning: next(plain[known] for known in spellings if known in plain)
        for meaning, spellings in COLUMNS.items()
        if meaning not in chosen and any(known in plain for known in spellings)
    }
    for meaning, column in chosen.items():
        if column in names or _plain(column) in plain:
            found[meaning] = column if column in names else plain[_plain(column)]
    return found


def _plain(name: str) -> str:
    return "_".join(name.strip().lower().replace("-", " ").split())


def checked_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """What a person has said about the columns of tables, by what they hold.

    Raises:
        PullquoteError: something is named that articles do not have, or no column.
    """
    for meaning, column in columns.items():
        if meaning not in COLUMNS:
            known = ", ".join(COLUMNS)
            raise PullquoteError(f"a column cannot be the {meaning!r} of an article; it can be one of: {known}")
        if not column.strip():
            raise PullquoteError(f"the column with the {meaning} has no name; write it as {meaning}=COLUMN")
    return {meaning: column.strip() for meaning, column in columns.items()}


def _absent(missing: Mapping[str, str], names: Sequence[str]) -> str:
    meaning, column = next(iter(missing.items()))
    return f"has no column {one_line(column, 40)!r}, which was to be the {meaning}; its columns are: {_shown(names)}"


def _found(names: Sequence[str]) -> str:
    advice = "say which one holds the text with --column text=NAME (others: title, author, date, url)"
    return f"found: {_shown(names)}; {advice}"


def _shown(names: Sequence[str]) -> str:
    shown = ", ".join(one_line(name, 40) for name in names[:_MOST_COLUMNS]) or "none"
    return shown + (" …" if len(names) > _MOST_COLUMNS else "")


class _Names:
    """Gives rows their names: by what identifies them, so that a row keeps its name when others come before it."""

    def __init__(self, source: str, chosen: Mapping[str, str]) -> None:
        self._source = source
        # Another choice of columns makes other articles of the same rows.
        self._chosen = f"\n{json.dumps(chosen, sort_keys=True)}" if chosen else ""
        self._taken: set[int] = set()

    def member(self, row: Row, columns: Mapping[str, str], number: int, data: str) -> Member:
        name = record_name(self._source, self._own(row, columns) or str(number))
        if hash(name) in self._taken:
            name = record_name(self._source, str(number))
        self._taken.add(hash(name))
        values = {meaning: row.get(column) for meaning, column in columns.items()}
        data += self._chosen
        return Member(name, data.encode("utf-8", "surrogatepass"), functools.partial(read_row, name, values))

    @staticmethod
    def _own(row: Row, columns: Mapping[str, str]) -> str | None:
        for meaning in ("id", "url"):
            value = _value(row.get(columns.get(meaning, "")))
            if value and len(value) <= 200:
                return f"id:{value}" if meaning == "id" else value
        return None


def read_row(source: str, values: Row) -> Draft:
    """An article of the values that its row has for ``COLUMNS``.

    Raises:
        SourceError: the text is empty.
    """
    text = values.get("text")
    if isinstance(text, list):
        text = "\n\n".join(part for part in text if isinstance(part, str))
    draft = draft_from_text(source, normalise(text if isinstance(text, str) else ""), _value(values.get("title")))
    url = _value(values.get("url"))
    return Draft(
        draft.title,
        draft.text,
        _value(values.get("author")),
        _day(values.get("date")),
        as_language(_value(values.get("language"))),
        site=_value(values.get("site")),
        url=url if url and url.lower().startswith(("http://", "https://")) else None,
    )


def _day(value: object) -> date | None:
    """Of a date in ISO 8601, as in mail, or in seconds or milliseconds since 1970."""
    written = _value(value)
    if written is None:
        return None
    if day := as_date(written):
        return day
    try:
        if written.removesuffix(".0").isdecimal() and 9 <= len(written.removesuffix(".0")) <= 13:
            seconds = float(written) / (1000 if len(written.removesuffix(".0")) > 11 else 1)
            return datetime.fromtimestamp(seconds, UTC).date()
        return email.utils.parsedate_to_datetime(written).date()
    except (ValueError, TypeError, OverflowError):
        return None


def _value(value: object) -> str | None:
    """A value in one line; of a list, all of them; of an object, its name."""
    if isinstance(value, list):
        value = ", ".join(part for part in map(_value, value) if part)
    elif isinstance(value, dict):
        value = value.get("name")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    return " ".join(normalise(value[:2000]).split()) or None if isinstance(value, str) else None
