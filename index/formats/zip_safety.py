"""Opens zip containers (Office files, e-books, archives) within bounds: no bomb, no endless list of members."""

from __future__ import annotations

import io
import zipfile

from ..errors import SourceError
from .failures import ARCHIVE_ERRORS

MAX_TOTAL_BYTES = 200_000_000
"""Bytes that all members of a document may have together when unpacked."""
MAX_MEMBERS = 10_000
_MAX_RATIO = 200
"""Text is packed to a tenth, a repetitive sheet to a fiftieth; a bomb to a thousandth."""
_RATIO_FREE = 10_000_000
"""Bytes; what unpacks to less is no bomb however well it was packed."""
_ENCRYPTED = 0x1


class SafeZip:
    """A zip file whose members were counted and measured before the first one is unpacked.

    A member cannot unpack to more than the size that its entry tells: reading stops there. The sum of those sizes is
    therefore what the container can cost at most, also where entries share their data.
    """

    def __init__(self, source: str, archive: zipfile.ZipFile) -> None:
        self._source = source
        self._archive = archive
        self._members = {member.filename: member for member in archive.infolist() if not member.is_dir()}

    def names(self) -> list[str]:
        """The names of the members that are files, in the order of the container."""
        return list(self._members)

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def size(self, name: str) -> int:
        """The bytes to which a member unpacks at most.

        Raises:
            SourceError: there is no such member.
        """
        return self._member(name).file_size

    def read(self, name: str) -> bytes:
        """Unpacks one member.

        Raises:
            SourceError: there is no such member, or it is damaged or encrypted.
        """
        member = self._member(name)
        if member.flag_bits & _ENCRYPTED:
            raise SourceError(self._source, f"{name!r} in it is encrypted; save it without a password")
        try:
            return self._archive.read(member)
        except ARCHIVE_ERRORS as error:
            raise SourceError(self._source, f"is damaged: {name!r} in it cannot be unpacked") from error

    def _member(self, name: str) -> zipfile.ZipInfo:
        member = self._members.get(name)
        if member is None:
            raise SourceError(self._source, f"is damaged: {name!r} is missing in it")
        return member


def open_zip(
    source: str, data: bytes, *, max_total_bytes: int = MAX_TOTAL_BYTES, max_members: int = MAX_MEMBERS
) -> SafeZip:
    """Opens a zip container that lies in memory.

    Args:
        source: the file's name, for messages.
        data: the container's bytes.
        max_total_bytes: what all members may unpack to together.
        max_members: how many members there may be.

    Raises:
        SourceError: the container is damaged, has too many members, or would unpack to too much.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except ARCHIVE_ERRORS as error:
        raise SourceError(source, "is damaged: its list of contents cannot be read") from error
    members = archive.infolist()
    if len(members) > max_members:
        raise SourceError(source, f"holds {len(members):,} files, more than {max_members:,}; split it")
    total = sum(member.file_size for member in members)
    if total > max_total_bytes:
        raise SourceError(source, f"unpacks to more than {max_total_bytes // 1_000_000:,} MB; split it")
    if total > _RATIO_FREE and total > _MAX_RATIO * len(data):
        raise SourceError(source, f"unpacks to {total // max(1, len(data)):,} times its size, as only a zip bomb does")
    return SafeZip(source, archive)
