"""FAISS in our words. The only module that imports ``faiss``."""

from __future__ import annotations

import functools
import os
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from ..embedding import FloatMatrix
from ..stored_vectors import HalfMatrix, IdArray

CodeMatrix = npt.NDArray[np.uint8]
"""``(n, dimension / 2)`` uint8: each number of a vector as one of 16 steps, two in a byte."""
Mask = npt.NDArray[np.bool_]

_ITERATIONS = 6
_LEAST_PER_LIST = 4


class StoppedError(Exception):
    """Raised to leave a long computation that is not wanted any more."""


@functools.cache
def faiss() -> Any:
    """FAISS, loaded at its first use."""
    if sys.platform == "darwin":
        # PyTorch and FAISS each bring an OpenMP runtime; on macOS the second one ends the process unless it is told
        # that this is known, and they must not both start threads (faiss-wheels issues 73 and 100).
        os.environ.setdefault("KMP_DUPLICATE_LIB_OK", "TRUE")
    import faiss

    if sys.platform == "darwin":
        faiss.omp_set_num_threads(1)
    return faiss


def search_parameters(mask: Mask | None, probes: int | None = None) -> Any:
    """Limits of one search, by place or by id: True where a vector may be returned."""
    library = faiss()
    options: dict[str, Any] = {}
    if mask is not None:
        options["sel"] = library.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
    if probes is not None:
        return library.SearchParametersIVF(nprobe=probes, **options)
    return library.SearchParameters(**options) if options else None


def half_index(vectors: HalfMatrix) -> Any:
    """An exact index of float16 vectors; it takes no more memory than they do, and is searched by their places."""
    library = faiss()
    index = library.IndexScalarQuantizer(
        vectors.shape[1], library.ScalarQuantizer.QT_fp16, library.METRIC_INNER_PRODUCT
    )
    index.is_trained = True  # there is nothing to learn
    if len(vectors):
        index.add_sa_codes(np.ascontiguousarray(vectors, "<f2").view(np.uint8))
    return index


def half_vectors(index: Any) -> HalfMatrix:
    """The vectors of such an index, without a copy: only while it lives."""
    if not index.ntotal:
        return np.empty((0, index.d), np.float16)
    codes = faiss().rev_swig_ptr(index.codes.data(), int(index.ntotal) * index.code_size)
    return np.asarray(codes).view("<f2").reshape(int(index.ntotal), index.d)


def serialised(ids: IdArray, vectors: HalfMatrix) -> bytes:
    """An exact index of vectors with their passages' ids, as FAISS writes it."""
    library = faiss()
    index = half_index(vectors[:0])
    both = library.IndexIDMap(index)  # which FAISS makes over an empty one only
    if len(vectors):
        index.add_sa_codes(np.ascontiguousarray(vectors, "<f2").view(np.uint8))
    library.copy_array_to_vector(np.ascontiguousarray(ids, np.int64), both.id_map)
    both.ntotal = len(ids)
    return bytes(library.serialize_index(both).tobytes())


def deserialised(data: bytes) -> tuple[IdArray, Any]:
    """What was ``serialised``.

    Raises:
        RuntimeError, ValueError: it is something else.
    """
    library = faiss()
    both = library.deserialize_index(np.frombuffer(data, np.uint8))
    if not isinstance(both, library.IndexIDMap):
        raise ValueError("not an index with ids")
    ids = library.vector_to_array(both.id_map)
    index = library.downcast_index(both.index)
    if not isinstance(index, library.IndexScalarQuantizer) or index.ntotal != len(ids):
        raise ValueError("not an exact index")
    if np.any(np.diff(ids) <= 0):
        raise ValueError("ids are not in order")
    return ids, half_index(half_vectors(index))


def mapped(path: Path) -> Any:
    """An index of lists, of which the lists are read from the file as they are searched.

    Raises:
        RuntimeError, ValueError: the file holds something else.
    """
    library = faiss()
    index = library.read_index(str(path), library.IO_FLAG_MMAP_IFC)
    if not isinstance(index, library.IndexIVFScalarQuantizer):
        raise ValueError("not an index of lists")
    return index


def trained(sample: FloatMatrix, lists: int, stopped: Callable[[], bool]) -> Any:
    """An empty index of lists whose centres were found by k-means on a sample.

    Args:
        sample: ``(n, dimension)`` float32, unit length.
        lists: how many.
        stopped: asked every second or so.

    Raises:
        StoppedError: it was to stop.
    """
    library = faiss()
    dimension = sample.shape[1]
    lists = max(1, min(lists, len(sample) // _LEAST_PER_LIST))
    centres: Any = None
    for _ in range(_ITERATIONS):
        if stopped():
            raise StoppedError
        # One step at a time, so that a program that ends waits for a second and not for a minute.
        means = library.Kmeans(
            dimension, lists, niter=1, spherical=True, seed=1, min_points_per_centroid=1, max_points_per_centroid=10**6
        )
        means.train(sample, init_centroids=centres)
        centres = means.centroids
    quantizer = library.IndexFlatIP(dimension)
    quantizer.add(centres)
    # Codes do not depend on the list that a vector is in: what is returned is compared exactly by float16 vectors.
    index = library.IndexIVFScalarQuantizer(
        quantizer, dimension, lists, library.ScalarQuantizer.QT_4bit, library.METRIC_INNER_PRODUCT, False
    )
    index.train(sample)
    quantizer.this.disown()
    index.own_fields = True
    return index


def placed(index: Any, vectors: HalfMatrix) -> tuple[IdArray, CodeMatrix]:
    """For each vector the list that it belongs to, and its code."""
    single = np.ascontiguousarray(vectors, np.float32)
    _, lists = index.quantizer.search(single, 1)
    return lists[:, 0], index.sq.compute_codes(single)


def head(index: Any, sizes: IdArray) -> bytes:
    """The beginning of the file of an index whose lists have these sizes; of each its codes and then its ids follow.

    It is what FAISS writes of the empty index, up to the lists, and then those as FAISS writes them when they are full
    (``write_InvertedLists`` in ``faiss/impl/index_write.cpp``).

    Raises:
        ValueError: this FAISS writes them in another way.
    """
    library = faiss()
    index.ntotal = int(sizes.sum())
    whole = bytes(library.serialize_index(index).tobytes())
    index.ntotal = 0
    lists = b"ilar" + struct.pack("<QQ", index.nlist, index.code_size)
    empty = lists + b"sprs" + struct.pack("<Q", 0)
    if not whole.endswith(empty):
        raise ValueError("this version of FAISS writes another format")
    sizes_as_written = np.ascontiguousarray(sizes, "<u8").tobytes()
    return whole[: -len(empty)] + lists + b"full" + struct.pack("<Q", index.nlist) + sizes_as_written


def lists_of(index: Any) -> Iterator[tuple[int, IdArray, CodeMatrix]]:
    """Each list with the ids and codes in it, copied."""
    library = faiss()
    for number in range(index.nlist):
        size = index.invlists.list_size(number)
        if size:
            ids = np.array(library.rev_swig_ptr(index.invlists.get_ids(number), size))
            codes = library.rev_swig_ptr(index.invlists.get_codes(number), size * index.code_size)
            yield number, ids, np.array(codes).reshape(size, index.code_size)


def ids_of(index: Any) -> IdArray:
    """The ids in all lists."""
    library, lists = faiss(), index.invlists
    sizes = [(number, lists.list_size(number)) for number in range(index.nlist)]
    found = [np.array(library.rev_swig_ptr(lists.get_ids(number), size)) for number, size in sizes if size]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def steps(codes: CodeMatrix) -> npt.NDArray[np.int16]:
    """The steps that codes stand for, ``(n, dimension)``."""
    return np.concatenate([codes & 15, codes >> 4], axis=1).astype(np.int16)
