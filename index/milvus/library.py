"""pymilvus in our words. The only module that imports ``pymilvus`` and ``milvus_lite``."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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

_NOT_LOADED = 101
"""Milvus's code for a collection that nobody has loaded since the server began, or since it was released."""
_AWAY = (
    "unavailable",
    "fail connecting",
    "illegal connection",
    "deadline",
    "retry timeout",
    "not ready",
    "closed chan",
)
"""Some of it stands in the library's message when the server does not answer."""

_lite: dict[str, int] = {}
"""How many use each file of Milvus Lite in this process."""
_lite_lock = threading.Lock()


def _pymilvus() -> Any:
    """The library, loaded at its first use, without the environment file that it would look for."""
    os.environ.setdefault("GRPC_VERBOSITY", "ERROR")  # it would tell of each connection that ends
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


class Client:
    """pymilvus's client: a call is tried again while the server is away, for as long as one may take.

    What is written is written by id, so that writing it twice does no harm. The library itself gives up at once when
    nobody listens at the address.

    Raises:
        StorageError: the server does not answer, refuses, or fails; one line with the address and what to do.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        library = _pymilvus()
        uri = _started(address.uri) if address.is_file else address.uri
        options: dict[str, Any] = {"server_pem_path": address.certificate} if address.certificate else {}

        def connected() -> Any:
            return library.MilvusClient(uri=uri, token=address.token, timeout=address.timeout, **options)

        try:
            self._client = _patiently(address, connected)
        except StorageError:
            if address.is_file:
                _released(address.uri)
            raise
        except OSError as error:
            raise StorageError(f"{address.certificate}: the certificate cannot be read: {error.strerror}") from error

    def __getattr__(self, name: str) -> Callable[..., Any]:
        call = getattr(self._client, name)
        timeout = self._address.timeout

        def once(*arguments: Any, **named: Any) -> Any:
            try:
                return call(*arguments, timeout=timeout, **named)
            except _pymilvus().MilvusException as error:
                if error.code != _NOT_LOADED:
                    raise
                self._client.load_collection(arguments[0], timeout=timeout)
                return call(*arguments, timeout=timeout, **named)

        return lambda *arguments, **named: _patiently(self._address, lambda: once(*arguments, **named))

    def rows(self, name: str, where: str, fields: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
        """The rows that pass a filter, some at a time, in no order."""
        pages = self.query_iterator(name, batch_size=1000, filter=where, output_fields=list(fields))
        try:
            while page := _patiently(self._address, pages.next):
                yield list(page)
        finally:
            pages.close()

    def close(self) -> None:
        """Gives the connection back; the last one of a file closes it, so that another process may open it."""
        self._client.close()
        if self._address.is_file:
            _released(self._address.uri)


def _patiently(address: Address, work: Callable[[], Any]) -> Any:
    """Does something with the server, if need be again."""
    import grpc

    deadline, wait = time.monotonic() + address.timeout, 0.1
    while True:
        try:
            return work()
        except (_pymilvus().MilvusException, grpc.RpcError) as error:
            if not _is_away(str(error)) or time.monotonic() + wait > deadline:
                raise StorageError(_in_one_line(address, str(error))) from error
        time.sleep(wait)
        wait = min(2 * wait, 2.0)


def _is_away(reason: str) -> bool:
    return any(said in reason.lower() for said in _AWAY)


def _in_one_line(address: Address, reason: str) -> str:
    plain = " ".join(reason.replace("<", "").replace(">", "").split())
    if any(said in plain.lower() for said in ("unauthenticated", "auth check failure", "permission_denied")):
        return f"Milvus at {address.uri} refuses the token: give USER:PASSWORD or a key in PULLQUOTE_MILVUS_TOKEN"
    if _is_away(plain):
        authority = (
            " and its authority's certificate in PULLQUOTE_MILVUS_CA" if address.uri.startswith("https:") else ""
        )
        return (
            f"Milvus at {address.uri} does not answer within {address.timeout:g} s: start it, or give its address in "
            f"PULLQUOTE_MILVUS_URI{authority}; articles are kept in the catalog, and it is caught up when it is back"
        )
    return f"Milvus at {address.uri} says: {plain[:300]}"


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


def _released(path: str) -> None:
    with _lite_lock:
        _lite[path] -= 1
        if not _lite[path]:
            from milvus_lite.server_manager import server_manager_instance

            server_manager_instance.release_server(path)


def is_lite(client: Client) -> bool:
    """Whether it is Milvus Lite, which has neither float16 vectors nor the tokenizer that splits at spaces alone."""
    return "lite" in str(client.get_server_version()).lower()


def create(client: Client, name: str, dimension: int, index: str, *, lite: bool) -> None:
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
    indexes.add_index("vector", index_type=index, metric_type="COSINE", params=_built(index))
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


def mixed(client: Client, name: str, query: str, title_weight: float, k: int, where: str) -> list[int]:
    """Ids of the best passages by BM25 of their text, and of their article's title as much as it counts.

    Milvus's hybrid search adds the two up; each is looked up twice as deep as is asked for, as a passage that only one
    of them has among its best gets nothing of the other.
    """
    library = _pymilvus()
    deep = min(DEEPEST, 2 * k)
    if title_weight <= 0:
        found = client.search(name, data=[query], anns_field="text_words", limit=k, filter=where, output_fields=["id"])
        return _ids(found[0])
    requests = [
        library.AnnSearchRequest([query], field, {"metric_type": "BM25"}, deep, expr=where or None)
        for field in ("text_words", "title_words")
    ]
    ranker = library.WeightedRanker(1.0, title_weight, norm_score=False)
    found = client.hybrid_search(name, requests, ranker, limit=k, output_fields=["id"])
    return _ids(found[0])


def _built(index: str) -> dict[str, int]:
    """How an index of this kind is made."""
    if index.startswith("HNSW"):
        return {"M": 16, "efConstruction": 200}
    return {"nlist": 1024} if index.startswith("IVF") else {}


def _searched(index: str, k: int) -> dict[str, int]:
    """How far an index of this kind is searched for the best ``k``."""
    if index.startswith("IVF"):
        return {"nprobe": 64}
    return {"HNSW": {"ef": 2 * k}, "DISKANN": {"search_list": 2 * k}}.get(index.partition("_")[0], {})


def nearest(
    client: Client, name: str, questions: FloatMatrix, k: int, where: str, index: str, *, lite: bool
) -> list[list[int]]:
    """The ids of the nearest passages of each question, best first."""
    found = client.search(
        name,
        data=as_vectors(questions, lite=lite),
        anns_field="vector",
        limit=min(k, DEEPEST),
        filter=where,
        search_params={"metric_type": "COSINE", "params": _searched(index, min(k, DEEPEST))},
        output_fields=["id"],
    )
    return [_ids(hits) for hits in found]


def _ids(hits: Iterable[Any]) -> list[int]:
    return [int(hit["id"]) for hit in hits]
