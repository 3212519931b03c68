"""Where the Milvus of an index is: chosen by the settings, and kept in its catalog."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..catalog import Catalog
from ..errors import CorruptIndexError, StorageError
from ..settings import Settings

LOCAL = "milvus.db"
"""In the index folder: what Milvus Lite keeps when no address was given."""
META = "vectors"
"""In the catalog's own record; an index without it uses FAISS and tantivy."""
KINDS = ("AUTOINDEX", "FLAT", "HNSW", "HNSW_SQ", "IVF_FLAT", "IVF_SQ8", "IVF_RABITQ", "DISKANN")
"""Milvus's names for the kinds of vector index that need nothing else to be said."""


@dataclass(frozen=True, slots=True)
class Address:
    """A Milvus, and how to reach it.

    Attributes:
        uri: such as ``http://localhost:19530``, or ``https://…`` for TLS; the path of a file for Milvus Lite.
        token: ``user:password`` or an API key; empty for none. It is never stored.
        certificate: a file with the certificate of the authority that signed the server's, or empty for the usual ones.
        index: Milvus's name of the kind of vector index.
        timeout: seconds that one call may take, what the library tries again included.
    """

    uri: str
    token: str = field(default="", repr=False)
    certificate: str = ""
    index: str = "AUTOINDEX"
    timeout: float = 30.0

    @property
    def is_file(self) -> bool:
        """Whether it is Milvus Lite in this process."""
        return "://" not in self.uri


def to_record(settings: Settings) -> dict[str, str]:
    """What the catalog of a new index keeps about the settings; nothing when its vectors are in FAISS.

    Raises:
        StorageError: the address cannot be understood, or the kind of index is none that is known.
    """
    if settings.vectors != "milvus":
        return {}
    _check(settings.milvus_uri or "")
    if settings.milvus_index not in KINDS:
        raise StorageError(f"PULLQUOTE_MILVUS_INDEX is {settings.milvus_index!r}: give one of {', '.join(KINDS)}")
    return {META: json.dumps({"kind": "milvus", "uri": settings.milvus_uri or "", "index": settings.milvus_index})}


def recorded(folder: Path, catalog: Catalog, settings: Settings) -> Address | None:
    """The Milvus of an index; None when it has none. An address in the settings goes before the one that is kept.

    Raises:
        CorruptIndexError: what the catalog says of it cannot be read.
        StorageError: the address cannot be understood.
    """
    kept = catalog.meta(META)
    if kept is None:
        return None
    try:
        record = json.loads(kept)
        if record["kind"] != "milvus":
            raise ValueError(record["kind"])
        uri, index = str(settings.milvus_uri or record["uri"]), str(record["index"])
    except (ValueError, KeyError, TypeError) as error:
        raise CorruptIndexError(f"{folder}: the catalog does not say where its vectors are kept") from error
    _check(uri)
    return Address(
        uri or str(folder / LOCAL),
        settings.milvus_token or "",
        settings.milvus_ca or "",
        index,
        settings.milvus_timeout,
    )


def moved(catalog: Catalog, settings: Settings) -> str | None:
    """What the catalog should keep from now on, when the settings name another address than it; else None."""
    kept = json.loads(catalog.meta(META) or "{}")
    if not settings.milvus_uri or kept.get("uri") == settings.milvus_uri:
        return None
    return json.dumps(kept | {"uri": settings.milvus_uri})


def _check(uri: str) -> None:
    if not uri:
        return
    try:
        parts = urlsplit(uri)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
        known = known and (parts.port is None or parts.port > 0)
    except ValueError:
        known = False
    if not known:
        shown = uri if "@" not in uri else f"{uri.split('://')[0]}://…@{uri.split('@')[-1]}"
        raise StorageError(
            f"{shown[:200]!r} is no address of a Milvus: give PULLQUOTE_MILVUS_URI=http://HOST:19530 (https:// for "
            "TLS), and the password in PULLQUOTE_MILVUS_TOKEN"
        )
