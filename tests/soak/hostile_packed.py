"""Hostile archives, documents and PDFs: bombs, loops, and sizes that are lies."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

from .hostile_seeds import SEEDS, document, paragraphs, rewritten, tarred, zipped

Make = Callable[[Random], bytes]

_MEGABYTE = bytes(1_000_000)
_STORY = "\n\n".join(paragraphs("Packed")).encode()


def _zip_bomb(name: str, megabytes: int) -> Make:
    """One member of zeros; its packed bytes are those of one megabyte, again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(_MEGABYTE) + packer.flush(zlib.Z_FULL_FLUSH)

    def make(_: Random) -> bytes:
        packed = block * megabytes + b"\x03\0"
        sizes = struct.pack("<3I", 0, len(packed), megabytes * len(_MEGABYTE))
        about = struct.pack("<5H", 20, 0, zipfile.ZIP_DEFLATED, 0, 33) + sizes + struct.pack("<2H", len(name), 0)
        member = b"PK\x03\x04" + about + name.encode() + packed
        entry = b"PK\x01\x02\x14\0" + about + bytes(14) + name.encode()
        return member + entry + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 1, 1, len(entry), len(member), 0)

    return make


def _packed_bomb(pack: Callable[[bytes], bytes], megabytes: int) -> Make:
    return lambda _: pack(_MEGABYTE * 20) * (megabytes // 20)


def _nested(depth: int, wrap: Callable[[str, bytes], tuple[str, bytes]]) -> Make:
    def make(_: Random) -> bytes:
        name, data = "story.txt", _STORY
        for _number in range(depth):
            name, data = wrap(name, data)
        return data

    return make


def _overlapping(_: Random) -> bytes:
    """Thousands of entries that all lie in the same bytes."""
    whole = zipped({"a.txt": _MEGABYTE * 5})
    start = whole.rfind(b"PK\x05\x06")
    first = struct.unpack("<I", whole[start + 16 : start + 20])[0]
    entry = whole[first:start]
    count = 3000
    entries = b"".join(entry.replace(b"a.txt", b"%c.txt" % (97 + number % 26)) for number in range(count))
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, count, count, len(entries), first, 0)
    return whole[:first] + entries + end


def _patched(place: bytes, offset: int, values: bytes) -> Make:
    """A zip file with other values in its list of contents (``PK 01 02``) or before its members (``PK 03 04``)."""

    def make(_: Random) -> bytes:
        data = bytearray(zipped({"story.txt": _STORY, "other.html": SEEDS[".html"]("Packed")}))
        at = data.find(place)
        while at >= 0:
            data[at + offset : at + offset + len(values)] = values
            at = data.find(place, at + 4)
        return bytes(data)

    return make


def _odd_names(_: Random) -> bytes:
    names = ["../../etc/passwd.txt", "/abs.txt", "C:\\a\\b.txt", "a\nb.txt", "\x1b[31mred.txt", "a/" * 500 + "b.txt"]
    names += ["\u202etxt.exe.txt", "con.txt", "a.txt#1", "b.zip!/c.txt", "http://x/y.txt", ".hidden.txt", "dir/", ""]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number, name in enumerate(names):
            archive.writestr(zipfile.ZipInfo(name or "\u200b.txt"), f"{number}. {_STORY.decode()}")
    return target.getvalue()


def _many(count: int) -> Make:
    return lambda _: zipped({f"{number}.txt": b"" for number in range(count)})


def _tar(change: Callable[[tarfile.TarInfo], None], data: bytes = _STORY) -> Make:
    def make(_: Random) -> bytes:
        good = tarred({"good.txt": _STORY})[:1024]
        entry = tarfile.TarInfo("story.txt")
        entry.size = len(data)
        change(entry)
        header = entry.tobuf(tarfile.GNU_FORMAT)
        return good + header + data + bytes(512 - len(data) % 512) + bytes(1024)

    return make


def _entry(**values: object) -> Callable[[tarfile.TarInfo], None]:
    def change(entry: tarfile.TarInfo) -> None:
        for name, value in values.items():
            setattr(entry, name, value)

    return change


def _pax(_: Random) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as archive:
        entry = tarfile.TarInfo("story.txt")
        entry.pax_headers = {"comment": "x" * 5_000_000, "size": "-1", "mtime": "nan"}
        archive.addfile(entry, io.BytesIO())
    return target.getvalue()


def _xz_dictionary(_: Random) -> bytes:
    """Says that 4 GB of memory are needed to unpack it."""
    data = bytearray(lzma.compress(_STORY))
    length = (data[12] + 1) * 4
    data[12 + 4] = 40
    data[12 + length - 4 : 12 + length] = struct.pack("<I", zlib.crc32(data[12 : 12 + length - 4]))
    return bytes(data)


def _office(suffix: str, part: str, data: Callable[[bytes], bytes]) -> Make:
    return lambda _: rewritten(document(suffix), lambda name, old: data(old) if name.endswith(part) else old)


_LAUGHS = b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY l0 "lol">' + b"".join(
    b'<!ENTITY l%d "%s">' % (number, b"&l%d;" % (number - 1) * 10) for number in range(1, 10)
)


def _laughing(old: bytes) -> bytes:
    return _LAUGHS + b"]><d>&l9;</d>"


def _deep(old: bytes) -> bytes:
    return b"<d>" * 500_000 + b"</d>" * 500_000


def _elements(old: bytes) -> bytes:
    return b"<d>" + b"<p/>" * 3_000_000 + b"</d>"


def _swollen(old: bytes) -> bytes:
    return old.replace(b"</w:p>", b"<w:r><w:t>" + b"word " * 3_000_000 + b"</w:t></w:r></w:p>", 1)


def _attributes(old: bytes) -> bytes:
    return b"<d " + b" ".join(b'a%d="x"' % number for number in range(300_000)) + b"/>"


def pdf(objects: Sequence[bytes], root: int = 1, trailer: bytes = b"") -> bytes:
    """A PDF of these objects, which are numbered from 1."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer <</Size %d /Root %d 0 R %s>>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        root,
        trailer.replace(b"START", b"%d" % start),
        start,
    )
    return bytes(out)


def _stream(data: bytes, more: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<</Length %d /Filter /FlateDecode %s>>\nstream\n%s\nendstream" % (len(packed), more, packed)


_CATALOG = b"<</Type /Catalog /Pages 2 0 R>>"
_FONT = b"<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>"


def _pages(content: bytes, count: int = 1, resources: bytes = b"", more: Sequence[bytes] = ()) -> bytes:
    """A PDF whose pages all show the same content."""
    kids = b" ".join([b"3 0 R"] * count)
    page = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources <</Font <</F 5 0 R>> %s>>>>"
    tree = b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, count)
    return pdf([_CATALOG, tree, page % resources, _stream(content), _FONT, *more])


def _tree_loop(_: Random) -> bytes:
    return pdf([_CATALOG, b"<</Type /Pages /Kids [3 0 R] /Count 9>>", b"<</Type /Pages /Kids [2 0 R 3 0 R] /Count 9>>"])


def _parent_loop(_: Random) -> bytes:
    page = b"<</Type /Page /Parent 3 0 R /Contents [4 0 R 4 0 R] /Resources 3 0 R>>"
    return pdf([_CATALOG, b"<</Type /Pages /Parent 2 0 R /Kids [3 0 R] /Count 1>>", page, b"[4 0 R]"])


def _form(resources: bytes, content: bytes = b"/X Do " * 10) -> bytes:
    return _stream(content, b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources <</XObject <<%s>>>>" % resources)


def _forms(count: int) -> Make:
    """Each form shows the next one ten times; the last one shows the first."""
    more = [_form(b"/X %d 0 R" % (6 + (number + 1) % count)) for number in range(count)]
    return lambda _: _pages(b"/X Do", resources=b"/XObject <</X 6 0 R>>", more=more)


def _letters(count: int) -> bytes:
    return b"BT /F 1 Tf " + b"".join(
        b"1 0 0 1 %d %d Tm (a) Tj " % (number * 7 % 600, number * 13 % 800) for number in range(count)
    ) + b"ET"  # fmt: skip


PACKED: dict[str, tuple[str, Make]] = {
    "zip-bomb": (".zip", _zip_bomb("story.txt", 600)),
    "zip-bomb-table": (".zip", _zip_bomb("table.csv", 600)),
    "zip-bomb-nameless": (".zip", _zip_bomb("story", 300)),
    "zip-bomb-docx": (".docx", _zip_bomb("word/document.xml", 600)),
    "zip-bomb-epub": (".epub", _zip_bomb("META-INF/container.xml", 300)),
    "gzip-bomb": (".txt.gz", _packed_bomb(gzip.compress, 1000)),
    "gzip-bomb-table": (".csv.gz", _packed_bomb(gzip.compress, 600)),
    "bzip-bomb": (".txt.bz2", _packed_bomb(bz2.compress, 600)),
    "xz-bomb": (".jsonl.xz", _packed_bomb(lzma.compress, 600)),
    "tar-bomb": (".tgz", lambda _: gzip.compress(tarred({"story.txt": _MEGABYTE * 60}))),
    "zip-in-zip": (".zip", _nested(20, lambda name, data: ("inner.zip", zipped({name: data})))),
    "zip-of-zips": (".zip", _nested(5, lambda name, data: ("z.zip", zipped({f"{n}{name}": data for n in range(9)})))),
    "tar-in-tar": (".tar", _nested(20, lambda name, data: ("inner.tar", tarred({name: data})))),
    "gzip-in-gzip": (".gz", _nested(200, lambda name, data: ("story.gz", gzip.compress(data)))),
    "empty-packed": (".gz", lambda _: gzip.compress(b"") * 20_000),
    "xz-dictionary": (".txt.xz", _xz_dictionary),
    "trailing-noise": (".txt.gz", lambda random: gzip.compress(_STORY) + random.randbytes(3000)),
    "overlapping": (".zip", _overlapping),
    "sizes-too-large": (".zip", _patched(b"PK\x01\x02", 24, b"\xf0\xff\xff\x7f")),
    "sizes-too-small": (".zip", _patched(b"PK\x01\x02", 24, b"\1\0\0\0")),
    "sizes-of-64-bits": (".zip", _patched(b"PK\x01\x02", 20, b"\xff" * 8)),
    "unknown-packing": (".zip", _patched(b"PK\x01\x02", 10, b"\x63\0")),
    "encrypted": (".zip", _patched(b"PK\x01\x02", 8, b"\1\0")),
    "wrong-checksum": (".zip", _patched(b"PK\x01\x02", 16, b"\0\0\0\0")),
    "wrong-offset": (".zip", _patched(b"PK\x01\x02", 42, b"\xff\xff\xff\x7f")),
    "long-names": (".zip", _patched(b"PK\x03\x04", 26, b"\xff\xff\xff\xff")),
    "odd-names": (".zip", _odd_names),
    "many-entries": (".zip", _many(40_000)),
    "many-entries-docx": (".docx", _many(40_000)),
    "tar-negative": (".tar", _tar(_entry(size=-5))),
    "tar-too-large": (".tar", _tar(_entry(size=8**11 - 1))),
    "tar-terabytes": (".tar", _tar(_entry(size=1 << 60))),
    "tar-link-to-itself": (".tar", _tar(_entry(type=tarfile.LNKTYPE, linkname="story.txt", size=0))),
    "tar-device": (".tar", _tar(_entry(type=tarfile.CHRTYPE, size=0))),
    "tar-sparse": (".tar", _tar(_entry(type=tarfile.GNUTYPE_SPARSE))),
    "tar-long-name": (".tar", _tar(_entry(type=tarfile.GNUTYPE_LONGNAME))),
    "tar-extended": (".tar", _pax),
    "laughing-docx": (".docx", _office("docx", "document.xml", _laughing)),
    "laughing-odt": (".odt", _office("odt", "content.xml", _laughing)),
    "laughing-epub": (".epub", _office("epub", ".opf", _laughing)),
    "laughing-chapters": (".epub", _office("epub", ".xhtml", _laughing)),
    "laughing-pptx": (".pptx", _office("pptx", "presentation.xml", _laughing)),
    "deep-docx": (".docx", _office("docx", "document.xml", _deep)),
    "deep-chapters": (".epub", _office("epub", ".xhtml", _deep)),
    "deep-odt": (".odt", _office("odt", "content.xml", _deep)),
    "elements-docx": (".docx", _office("docx", "document.xml", _elements)),
    "attributes-docx": (".docx", _office("docx", "document.xml", _attributes)),
    "attributes-pptx": (".pptx", _office("pptx", "slide1.xml", _attributes)),
    "swollen-docx": (".docx", _office("docx", "document.xml", _swollen)),
    "empty-part-docx": (".docx", _office("docx", "document.xml", lambda old: b"")),
    "empty-part-epub": (".epub", _office("epub", "container.xml", lambda old: b"")),
    "mixed-up-odt": (".odt", _office("odt", "content.xml", lambda old: old.decode().encode("utf-16"))),
    "no-such-encoding": (".docx", _office("docx", "document.xml", lambda old: old.replace(b"UTF-8", b"rot13", 1))),
    "pdf-tree-loop": (".pdf", _tree_loop),
    "pdf-parent-loop": (".pdf", _parent_loop),
    "pdf-lying-count": (".pdf", lambda _: pdf([_CATALOG, b"<</Type /Pages /Kids [] /Count 2000000000>>"])),
    "pdf-previous-loop": (".pdf", lambda _: pdf([_CATALOG, b"<</Type /Pages>>"], trailer=b"/Prev START")),
    "pdf-length-loop": (".pdf", lambda _: pdf([b"<</Length 1 0 R>> stream\nx\nendstream", b"2 0 R"], 2)),
    "pdf-form-loop": (".pdf", _forms(1)),
    "pdf-forms-in-forms": (".pdf", _forms(20)),
    "pdf-content-bomb": (".pdf", lambda _: _pages(b"q Q " * 10_000_000)),
    "pdf-same-page": (".pdf", lambda _: _pages(_letters(400), 4_000)),
    "pdf-many-letters": (".pdf", lambda _: _pages(_letters(100_000))),
    "pdf-many-pages": (".pdf", lambda _: _pages(b"BT /F 9 Tf (a) Tj ET", 100_000)),
    "pdf-deep-arrays": (".pdf", lambda _: pdf([_CATALOG, b"[" * 200_000])),
    "pdf-far-away": (".pdf", lambda _: _pages(b"BT /F 1e38 Tf 1e38 0 0 1e38 9e37 -1e38 Tm (One sentence.) Tj ET")),
}
"""Suffix and maker of each."""
