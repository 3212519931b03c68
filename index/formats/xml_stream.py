"""Reads XML as a stream of events, so that memory does not grow with the number of elements; entities are refused."""

from __future__ import annotations

import html.entities
from collections.abc import Mapping
from typing import Protocol

from ..errors import SourceError

MAX_DEPTH = 1000
"""Elements inside each other; documents have some twenty."""
MAX_ELEMENTS = 2_000_000
"""In one part of a document; a long novel has some hundred thousand."""
_CHUNK = 1 << 16


class XmlTarget(Protocol):
    """What is told of each element as it comes; names are ``{namespace}local``."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Characters between tags; one stretch may come in pieces."""


class Beginnings:
    """The base of a target that needs only the beginnings of elements, with their attributes."""

    def end(self, tag: str) -> None:
        """An element ends."""

    def data(self, text: str) -> None:
        """Characters."""


class NamedTexts:
    """A target that keeps the texts of elements that hold nothing but text, by local name, such as ``creator``."""

    def __init__(self) -> None:
        self.all: dict[str, list[str]] = {}
        self._parts: list[str] = []

    @property
    def texts(self) -> dict[str, str]:
        """Of each name the first text."""
        return {name: texts[0] for name, texts in self.all.items()}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element begins."""
        self._parts.clear()

    def end(self, tag: str) -> None:
        """An element ends."""
        text = "".join(self._parts).strip()
        if text:
            self.all.setdefault(tag.rpartition("}")[2], []).append(text)
        self._parts.clear()

    def data(self, text: str) -> None:
        """Characters."""
        self._parts.append(text)


class _Counted:
    """Passes events on, and counts the elements and how deep they are."""

    def __init__(self, source: str, target: XmlTarget) -> None:
        self._source = source
        self._depth = 0
        self._elements = 0
        self._target = target
        self.end_of = target.end
        self.data = target.data

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH:
            raise SourceError(self._source, f"is damaged: elements lie more than {MAX_DEPTH:,} deep inside each other")
        if self._elements > MAX_ELEMENTS:
            raise SourceError(self._source, f"holds more than {MAX_ELEMENTS:,} elements in one part; split it")
        self._target.start(tag, attributes)

    def end(self, tag: str) -> None:
        self._depth -= 1
        self.end_of(tag)


def stream_xml(source: str, name: str, data: bytes, target: XmlTarget) -> None:
    """Parses one XML part of a document and tells a target what is in it.

    The names of HTML's own characters, such as ``&nbsp;``, are known. Entities that the document declares itself are
    not accepted: a few of them can stand for gigabytes.

    Args:
        source: the file's name, for messages.
        name: the part's name inside the file, for messages.
        data: the part's bytes.
        target: is told of each element.

    Raises:
        SourceError: it is no well-formed XML, or declares entities.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, XMLParser

    try:
        parser = XMLParser(target=_Counted(source, target))
        parser.entity.update(_HTML_CHARACTERS)
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except DefusedXmlException as error:
        raise SourceError(source, f"{name!r} in it declares entities, as documents never do") from error
    except (ParseError, LookupError, TypeError, ValueError) as error:  # also encodings that are none
        raise SourceError(source, f"is damaged: {name!r} in it is not well-formed XML") from error


_HTML_CHARACTERS = {name: chr(code) for name, code in html.entities.name2codepoint.items()}
