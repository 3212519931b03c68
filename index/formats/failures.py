"""What the libraries that read formats raise for files that are damaged, beside what their readers expect of them.

A reader says what is wrong where it can. Libraries fail for damaged and hostile files in ways that nobody foresees,
and what comes of it is here one line about that file: ``Format.read`` and ``Container.members`` are the two places
through which every file goes.
"""

from __future__ import annotations

import binascii
import csv
import lzma
import struct
import tarfile
import zipfile
import zlib
from email.errors import MessageError

ARCHIVE_ERRORS = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    AssertionError,
    EOFError,
    LookupError,
    NotImplementedError,  # a way of packing that is not known
    OSError,  # an offset outside the file; damaged data packed by bzip2
    OverflowError,
    RuntimeError,
    ValueError,
)
"""Of the standard library's zipfile, tarfile, gzip, bz2 and lzma."""

LIBRARY_ERRORS = (
    ArithmeticError,
    AssertionError,
    AttributeError,  # trafilatura and email, for headers and trees that are not as they expect
    BufferError,
    EOFError,
    LookupError,  # also an encoding that nobody knows
    MemoryError,
    RuntimeError,  # also RecursionError: json, email, yaml, markdown-it, trafilatura
    TypeError,
    ValueError,  # also UnicodeError, and lxml's, json's and webvtt's own
    MessageError,
    binascii.Error,
    csv.Error,
    lzma.LZMAError,
    struct.error,
    tarfile.TarError,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
)
"""Of all libraries that read files for us. What the system says of a file (``OSError``) is for the caller."""


def reading_failed(error: Exception) -> str:
    """The reason that a person is given for one of ``LIBRARY_ERRORS``."""
    what = " ".join(f"{type(error).__name__}: {error}".split())
    plain = "".join(character for character in what if character.isprintable())
    return f"could not be read; its reader failed ({plain[:200]})"
