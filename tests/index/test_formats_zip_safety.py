"""Zip containers are opened within bounds, and every way in which one is broken is told."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from index import SourceError
from index.formats.xml_stream import MAX_DEPTH, NamedTexts, stream_xml
from index.formats.zip_safety import open_zip


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def test_members_are_listed_and_read() -> None:
    package = open_zip("a.zip", zipped({"folder/": b"", "folder/a.txt": b"ice", "b.txt": b"lock"}))
    assert package.names() == ["folder/a.txt", "b.txt"]
    assert "b.txt" in package
    assert "folder/" not in package
    assert package.size("b.txt") == 4
    assert package.read("folder/a.txt") == b"ice"


def test_a_missing_member_is_named() -> None:
    with pytest.raises(SourceError, match=r"a\.zip: is damaged: 'c\.txt' is missing"):
        open_zip("a.zip", zipped({"b.txt": b"lock"})).read("c.txt")


def test_too_much_in_total_is_refused_before_anything_is_unpacked() -> None:
    data = zipped({"a": b"x" * 600, "b": b"y" * 600}, zipfile.ZIP_STORED)
    assert open_zip("a.zip", data, max_total_bytes=1200).size("a") == 600
    with pytest.raises(SourceError, match="unpacks to more than"):
        open_zip("a.zip", data, max_total_bytes=1199)


def test_a_bomb_is_known_by_its_ratio() -> None:
    with pytest.raises(SourceError, match="zip bomb"):
        open_zip("a.zip", zipped({"zeros": bytes(30_000_000)}))


def test_too_many_members_are_refused() -> None:
    data = zipped({f"{number}.txt": b"" for number in range(11)})
    with pytest.raises(SourceError, match="holds 11 files, more than 10"):
        open_zip("a.zip", data, max_members=10)


def test_a_member_that_lies_about_its_size_is_not_unpacked_further() -> None:
    data = bytearray(zipped({"a": bytes(100_000)}))
    entry = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)  # the uncompressed size in the list of contents
    with pytest.raises(SourceError, match="'a' in it cannot be unpacked"):
        open_zip("a.zip", bytes(data)).read("a")


def test_an_encrypted_member_is_told() -> None:
    data = bytearray(zipped({"a": b"secret"}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(SourceError, match="'a' in it is encrypted; save it without a password"):
        open_zip("a.zip", bytes(data)).read("a")


def test_entities_are_refused() -> None:
    laughs = b'<!DOCTYPE a [<!ENTITY b "haha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    with pytest.raises(SourceError, match="declares entities"):
        stream_xml("a.docx", "a.xml", laughs, NamedTexts())


def test_the_characters_of_html_are_known_where_there_is_a_document_type() -> None:
    texts = NamedTexts()
    stream_xml("a", "a.xml", b'<!DOCTYPE html PUBLIC "x" "y.dtd"><p>six&nbsp;&euro;</p>', texts)
    assert texts.texts == {"p": "six\N{NO-BREAK SPACE}€"}


def test_elements_too_deep_inside_each_other_are_refused() -> None:
    with pytest.raises(SourceError, match="deep inside each other"):
        stream_xml("a", "a.xml", b"<a>" * (MAX_DEPTH + 1) + b"</a>" * (MAX_DEPTH + 1), NamedTexts())
