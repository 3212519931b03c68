"""Unpacks compressed bodies as they arrive, never further than a limit: a small file may unpack to terabytes."""

from __future__ import annotations

import zlib
from typing import Protocol

from index.errors import SourceError

ACCEPTED = "gzip, deflate, br"
"""For the ``Accept-Encoding`` header."""


class Decoder(Protocol):
    """Unpacks a stream piece by piece."""

    def unpack(self, data: bytes, limit: int) -> bytes:
        """The next bytes; more than ``limit`` only to show that there are more."""

    def is_complete(self) -> bool:
        """Whether the stream has come to its end."""


def decoder_for(source: str, encoding: str) -> Decoder:
    """The decoder for a ``Content-Encoding``.

    Raises:
        SourceError: it is another than the three, or several at once.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return _Plain()
    if name in ("gzip", "x-gzip", "deflate"):
        return _Zlib(source)
    if name == "br":
        return _Brotli(source)
    raise SourceError(source, f"is packed in a way that is not read here ({name[:40]!r})")


class _Plain:
    def unpack(self, data: bytes, limit: int) -> bytes:
        return data

    def is_complete(self) -> bool:
        return True


class _Zlib:
    """gzip, of one or several members, and deflate, with or without its header."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._is_first = True

    def unpack(self, data: bytes, limit: int) -> bytes:
        parts = []
        length = 0
        while data and length <= limit:
            part = self._unpacked(data, limit + 1 - length)
            parts.append(part)
            length += len(part)
            data = self._unpacker.unconsumed_tail
            if self._unpacker.eof:
                data = self._unpacker.unused_data
                if data[:2] != b"\x1f\x8b":
                    break  # padding behind the end
                self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        return b"".join(parts)

    def _unpacked(self, data: bytes, limit: int) -> bytes:
        try:
            part = self._unpacker.decompress(data, limit)
        except zlib.error as error:
            if not self._is_first:
                raise _damaged(self._source) from error
            self._unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                part = self._unpacker.decompress(data, limit)
            except zlib.error:
                raise _damaged(self._source) from error
        self._is_first = False
        return part

    def is_complete(self) -> bool:
        return self._unpacker.eof


class _Brotli:
    def __init__(self, source: str) -> None:
        import brotli

        self._source = source
        self._error = brotli.error
        self._unpacker = brotli.Decompressor()

    def unpack(self, data: bytes, limit: int) -> bytes:
        parts = []
        length = 0
        try:
            while length <= limit:
                part = self._unpacker.process(data, output_buffer_limit=limit + 1 - length)
                parts.append(part)
                length += len(part)
                data = b""
                if self._unpacker.is_finished() or self._unpacker.can_accept_more_data():
                    break
        except self._error as error:
            raise _damaged(self._source) from error
        return b"".join(parts)

    def is_complete(self) -> bool:
        return bool(self._unpacker.is_finished())


def _damaged(source: str) -> SourceError:
    return SourceError(source, "arrived damaged: its compressed data cannot be unpacked")
