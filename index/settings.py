"""The settings of an index, built once where the program starts and passed down from there."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .errors import PullquoteError

Precision = Literal["auto", "bfloat16", "float32"]
VectorStore = Literal["faiss", "milvus"]
DEFAULT_MODEL = "all-MiniLM-L6-v2"


@dataclass(frozen=True, slots=True)
class Settings:
    """What can be chosen about an index.

    Attributes:
        model: the embedding model: the default, which comes with the install, or any other name or folder that
            sentence-transformers can load. It is recorded in the index.
        precision: ``auto`` is bfloat16 where the processor computes in it and float32 elsewhere.
        device: ``auto`` is the graphics card where PyTorch finds one and the processor elsewhere; or a PyTorch name.
        batch_size: passages in one call of the model, at most; on the processor fewer where they are long.
        window: passages that are sorted by length, embedded and stored together; the most that a kill can undo.
        max_file_bytes: a larger file is refused with a line that says so.
        exact_limit: passages up to which every vector is held in memory and compared; beyond, a file of lists is
            mapped from disk and a part of it looked through.
        vectors: where a new index keeps its vectors and words: ``faiss`` in files beside the catalog, or ``milvus``.
        milvus_uri: the address of a Milvus, ``http://…`` or ``https://…``; what the index has kept when None, and
            Milvus Lite in a file of the index folder when that is nothing.
        milvus_token: ``user:password`` or a key for it; it is not kept.
        milvus_ca: a file with the certificate of the authority that signed the server's.
        milvus_index: Milvus's name for the kind of vector index that a new index gets, such as ``HNSW_SQ``.
        milvus_timeout: seconds that a call may take, with what is tried again.
        lock_timeout: seconds to wait for another process that is writing.
        allow_private: links may lead into this machine and its network, and to any port.
        fetch_seconds: the most that a link may take to arrive, without the waits that politeness asks for.
        host_delay: seconds between two requests to one host; a site may ask for more.
        reader: a file with the weights of another reader, which ``pullquote train-reader`` has written; the reader
            that comes with the program when None.
        proxy: the URL of an HTTP proxy for links; none when None, whatever the environment says.
        contact: an address or page of yours that sites are told when a link is fetched; nothing when None.
    """

    model: str = DEFAULT_MODEL
    precision: Precision = "auto"
    device: str = "auto"
    batch_size: int = 32
    window: int = 256
    max_file_bytes: int = 50_000_000
    exact_limit: int = 50_000
    vectors: VectorStore = "faiss"
    milvus_uri: str | None = None
    milvus_token: str | None = field(default=None, repr=False)
    milvus_ca: str | None = None
    milvus_index: str = "AUTOINDEX"
    milvus_timeout: float = 30.0
    lock_timeout: float = 10.0
    allow_private: bool = False
    fetch_seconds: float = 60.0
    host_delay: float = 1.0
    proxy: str | None = None
    reader: str | None = None
    contact: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Reads ``PULLQUOTE_MODEL``, ``_PRECISION``, ``_DEVICE``, ``_PROXY``, ``_READER``, ``_CONTACT``, ``_VECTORS``,
        ``_MILVUS_URI``, ``_MILVUS_TOKEN``, ``_MILVUS_CA``, ``_MILVUS_INDEX`` and ``_MILVUS_TIMEOUT``.

        For the program's edge only.

        Raises:
            PullquoteError: the precision or the store of vectors is none that there is, the time is no number of
                seconds, or the contact cannot stand in a header.
        """
        values = os.environ if environment is None else environment
        precision = values.get("PULLQUOTE_PRECISION") or "auto"
        if precision not in ("auto", "bfloat16", "float32"):
            raise PullquoteError(f"PULLQUOTE_PRECISION is {precision!r}: give auto, bfloat16 or float32")
        vectors = values.get("PULLQUOTE_VECTORS") or "faiss"
        if vectors not in ("faiss", "milvus"):
            raise PullquoteError(f"PULLQUOTE_VECTORS is {vectors!r}: give faiss or milvus")
        contact = (values.get("PULLQUOTE_CONTACT") or "").strip()
        if not (contact.isascii() and contact.isprintable() and not set("()\\") & set(contact)) or len(contact) > 200:
            raise PullquoteError(
                f"PULLQUOTE_CONTACT is {contact[:100]!r}: give a mail address or a link, in plain letters and without "
                "parentheses"
            )
        return cls(
            model=values.get("PULLQUOTE_MODEL") or DEFAULT_MODEL,
            precision=precision,  # type: ignore[arg-type]
            device=values.get("PULLQUOTE_DEVICE") or "auto",
            proxy=values.get("PULLQUOTE_PROXY") or None,
            reader=values.get("PULLQUOTE_READER") or None,
            contact=contact or None,
            vectors=vectors,  # type: ignore[arg-type]
            milvus_uri=values.get("PULLQUOTE_MILVUS_URI") or None,
            milvus_token=values.get("PULLQUOTE_MILVUS_TOKEN") or None,
            milvus_ca=values.get("PULLQUOTE_MILVUS_CA") or None,
            milvus_index=values.get("PULLQUOTE_MILVUS_INDEX") or "AUTOINDEX",
            milvus_timeout=_seconds(values.get("PULLQUOTE_MILVUS_TIMEOUT") or "30"),
        )


def _seconds(given: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 < (seconds := float(given)) <= 3600:
            return seconds
    raise PullquoteError(f"PULLQUOTE_MILVUS_TIMEOUT is {given!r}: give a number of seconds, up to 3600")
