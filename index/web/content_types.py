"""Which kinds of content can be articles; others are refused before they are loaded."""

from __future__ import annotations

import re

from index.errors import SourceError

_OTHER_KINDS = frozenset({"audio", "font", "image", "model", "video"})
_OTHER_TYPES = frozenset(
    {
        "application/ecmascript",
        "application/java-archive",
        "application/javascript",
        "application/ogg",
        "application/vnd.android.package-archive",
        "application/vnd.microsoft.portable-executable",
        "application/wasm",
        "application/x-apple-diskimage",
        "application/x-bittorrent",
        "application/x-debian-package",
        "application/x-dosexec",
        "application/x-executable",
        "application/x-iso9660-image",
        "application/x-javascript",
        "application/x-mach-binary",
        "application/x-mpegurl",
        "application/x-msdos-program",
        "application/x-msdownload",
        "application/x-msi",
        "application/x-rpm",
        "application/x-sharedlib",
        "application/x-shockwave-flash",
        "application/vnd.apple.mpegurl",
        "text/css",
        "text/ecmascript",
        "text/javascript",
    }
)
_UNSAID = frozenset({"", "application/octet-stream", "application/x-download", "binary/octet-stream"})
_OTHER_BEGINNINGS = re.compile(
    rb"MZ.{58}|\x7fELF|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\0asm|"  # programs
    rb"\x89PNG|\xff\xd8\xff|GIF8[79]a|RIFF.{4}(?:WEBP|AVI |WAVE)|"  # pictures and sounds
    rb".{4}ftyp|OggS|ID3|\x1aE\xdf\xa3|fLaC",
    re.DOTALL,
)
_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/[a-z0-9!#$&^_.+-]+")
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)


def media_type(header: str) -> tuple[str, str | None]:
    """The type of a ``Content-Type`` header in lower case, empty when it is none, and its charset or None."""
    name = header.partition(";")[0].strip().lower()
    charset = _CHARSET.search(header)
    return (name if _TYPE.fullmatch(name) else ""), (charset[1].lower() if charset else None)


def check_content_type(source: str, header: str) -> None:
    """Refuses what says itself that it is no article.

    Raises:
        SourceError: with the type.
    """
    name, _charset = media_type(header)
    if name.partition("/")[0] in _OTHER_KINDS or name in _OTHER_TYPES:
        raise SourceError(source, f"is not an article but {name}")


def check_content(source: str, content_type: str, data: bytes) -> None:
    """Refuses programs, pictures, sounds and films whose type was not said.

    Raises:
        SourceError: the first bytes are those of such a file.
    """
    if content_type in _UNSAID and _OTHER_BEGINNINGS.match(data[:64]):
        raise SourceError(source, "is not an article but a program, picture, sound or film")
