"""pymilvus in our words. The only module that imports ``pymilvus`` and ``milvus_lite``."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ..embedding import FloatMatrix
from ..errors import StorageError
from .address import Address

TEXT_BYTES = 65_535
"""The longest text that a VARCHAR holds."""
DEEPEST = 16_384
"""The most that Milvus returns at once."""
BATCH = 500
"""Rows in one call: about 2 MB, of the 64 MB that a server takes."""
K1, B = 1.2, 0.75
"""Of BM25, as tantivy has them."""

_lite: dict[str, int] = {}
_lite_lock = threading.Lock()


def _pymilvus() -> Any:
    """The library, loaded at its first use, without the environment file that it would look for."""
    before = os.environ.get("PYTHON_DOTENV_DISABLED")
    os.environ["PYTHON_DOTENV_DISABLED"] = "1"
    try:
        import pymilvus
    except ImportError as error:
        raise StorageError(
            "this index keeps its vectors in Milvus, and what talks to it is not installed: "
            "pip install 'pullquote[milvus]'"
        ) from error
    finally:
        if before is None:
            del os.environ["PYTHON_DOTENV_DISABLED"]
        else:
            os.environ["PYTHON_DOTENV_DISABLED"] = before
    # It prints each failure with its traceback; ours say it in one line.
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL + 1)
    return pymilvus


@contextlib.contextmanager
def mapped(address: Address) -> Iterator[None]:
    """Turns the library's errors into ours, each one line with the address and what to do.

    Raises:
        StorageError: the server does not answer, refuses, or fails.
    """
    import grpc

    try:
        yield
    except (_pymilvus().MilvusException, grpc.RpcError) as error:
        raise StorageError(_in_one_line(address, str(error))) from error


def _in_one_line(address: Address, reason: str) -> str:
    plain = " ".join(reason.replace("<", "").replace(">", "").split())
    if any(said in plain.lower() for said in ("unauthenticated", "auth check failure", "permission_denied")):
        return f"Milvus at {address.uri} refuses the token: give USER:PASSWORD or a key in PULLQUOTE_MILVUS_TOKEN"
    unreachable = ("unavailable", "fail connecting", "illegal connection", "deadline", "retry timeout", "not ready")
    if any(said in plain.lower() for said in unreachable):
        return (
            f"Milvus at {address.uri} does not answer within {address.timeout:g} s: start it, or give its address in "
            "PULLQUOTE_MILVUS_URI; articles are kept in the catalog, and Milvus is caught up when it is back"
        )
    return f"Milvus at {address.uri} says: {plain[:300]}"


def connect(address: Address) -> Any:
    """A client; ``disconnect`` gives it back.

    Raises:
        StorageError: the server does not answer, or the file is in use by another process.
    """
    library = _pymilvus()
    uri = _started(address.uri) if address.is_file else address.uri
    options: dict[str, Any] = {"server_pem_path": address.certificate} if address.certificate else {}
    try:
        with mapped(address):
            return library.MilvusClient(uri=uri, token=address.token, timeout=address.timeout, **options)
    except OSError as error:
        raise StorageError(f"{address.certificate}: the certificate cannot be read: {error.strerror}") from error


def disconnect(address: Address, client: Any) -> None:
    """Gives a client back; the last one of a file closes it, so that another process may open it."""
    client.close()
    if not address.is_file:
        return
    with _lite_lock:
        _lite[address.uri] -= 1
        if not _lite[address.uri]:
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(address.uri)


def _started(path: str) -> str:
    """The address of Milvus Lite over a file, which runs in this process; it is shared by all who open the file."""
    try:
        from milvus_lite.server_manager import server_manager_instance
    except ImportError as error:
        raise StorageError(
            f"{path} needs Milvus Lite: pip install 'pullquote[milvus]', or name a server in PULLQUOTE_MILVUS_URI"
        ) from error
    for name in ("milvus_lite", "grpc._server"):
        # A client asks for some things that Lite lacks and does without; each would be told with a traceback.
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with _lite_lock:
        uri = server_manager_instance.start_and_get_uri(path)
        if uri is None:
            raise StorageError(
                f"{path} cannot be opened by Milvus Lite: another process uses it, which one at a time may do (a "
                "Milvus server in PULLQUOTE_MILVUS_URI serves many); or it is damaged: delete it, and it is made anew"
            )
        _lite[path] = _lite.get(path, 0) + 1
        return str(uri)


def is_lite(client: Any) -> bool:
    """Whether it is Milvus Lite, which has neither float16 vectors nor the tokenizer that splits at spaces alone."""
    return "lite" in str(client.get_server_version()).lower()


def create(client: Any, name: str, dimension: int, index: str, *, lite: bool) -> None:
    """Makes the collection: for each passage its article, generation, vector, and the index terms of text and title.

    The terms were made by our own analyser, and stand in the text with a space between them: so both kinds of index
    find the same passages for the same words, and Milvus's own BM25 function counts them.
    """
    library = _pymilvus()
    kinds = library.DataType
    schema = library.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("id", kinds.INT64, is_primary=True)
    schema.add_field("article", kinds.INT64)
    schema.add_field("generation", kinds.INT64)
    schema.add_field("vector", kinds.FLOAT_VECTOR if lite else kinds.FLOAT16_VECTOR, dim=dimension)
    indexes = library.MilvusClient.prepare_index_params()
    indexes.add_index("vector", index_type=index, metric_type="COSINE")
    indexes.add_index("article", index_type="INVERTED")
    for text, sparse in (("text", "text_words"), ("title", "title_words")):
        schema.add_field(
            text,
            kinds.VARCHAR,
            max_length=TEXT_BYTES,
            enable_analyzer=True,
            analyzer_params={"tokenizer": "standard" if lite else "whitespace"},
        )
        schema.add_field(sparse, kinds.SPARSE_FLOAT_VECTOR)
        schema.add_function(
            library.Function(
                name=f"{text}_bm25",
                function_type=library.FunctionType.BM25,
                input_field_names=[text],
                output_field_names=[sparse],
            )
        )
        indexes.add_index(
            sparse, index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params={"bm25_k1": K1, "bm25_b": B}
        )
    client.create_collection(name, schema=schema, index_params=indexes, consistency_level="Session")


def as_vectors(vectors: np.ndarray[Any, Any], *, lite: bool) -> list[Any]:
    """Vectors as the collection takes them."""
    return list(np.ascontiguousarray(vectors, np.float32 if lite else np.float16))


def mixed(client: Any, name: str, query: str, title_weight: float, k: int, where: str, timeout: float) -> list[int]:
    """Ids of the best passages by BM25 of their text, and of their article's title as much as it counts.

    Milvus's hybrid search adds the two up; each is looked up twice as deep as is asked for, as a passage that only one
    of them has among its best gets nothing of the other.
    """
    library = _pymilvus()
    deep = min(DEEPEST, 2 * k)
    if title_weight <= 0:
        found = client.search(
            name, data=[query], anns_field="text_words", limit=k, filter=where, output_fields=["id"], timeout=timeout
        )
        return _ids(found[0])
    requests = [
        library.AnnSearchRequest([query], field, {"metric_type": "BM25"}, deep, expr=where or None)
        for field in ("text_words", "title_words")
    ]
    ranker = library.WeightedRanker(1.0, title_weight, norm_score=False)
    found = client.hybrid_search(name, requests, ranker, limit=k, output_fields=["id"], timeout=timeout)
    return _ids(found[0])


def nearest(
    client: Any, name: str, questions: FloatMatrix, k: int, where: str, timeout: float, *, lite: bool
) -> list[list[int]]:
    """The ids of the nearest passages of each question, best first."""
    found = client.search(
        name,
        data=as_vectors(questions, lite=lite),
        anns_field="vector",
        limit=min(k, DEEPEST),
        filter=where,
        search_params={"metric_type": "COSINE"},
        output_fields=["id"],
        timeout=timeout,
    )
    return [_ids(hits) for hits in found]


def _ids(hits: Iterable[Any]) -> list[int]:
    return [int(hit["id"]) for hit in hits]
