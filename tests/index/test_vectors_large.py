"""Beyond the limit the vectors are searched in a mapped file: right, filtered, replaced, killed and damaged."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_support import check_stores, flip

from index import ArticleIndex, HashingEmbedder, Settings, caches, database, vectors
from index.catalog import Catalog
from index.lock import rebuild_lock
from index.passages import PassageSpan
from index.reading import Draft
from index.vectors import files, mapped_base
from index.vectors import view as view_module

Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]
DIMENSION = 32
LIMIT = 100


class Store:
    """A catalog of articles whose vectors are drawn around a few centres, as those of real texts are."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        database.create(folder / "catalog.sqlite", {"identity": f"store {seed}"})
        self.catalog = Catalog(folder / "catalog.sqlite")
        self.cache = folder / "vectors"
        self.random = np.random.default_rng(seed)
        self.centres = self.random.standard_normal((40, DIMENSION))
        self.texts = 0

    def drawn(self, count: int) -> np.ndarray[Any, Any]:
        """Unit vectors, float32."""
        near = self.centres[self.random.integers(len(self.centres), size=count)]
        found = near + self.random.standard_normal((count, DIMENSION))
        return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)

    def add(self, articles: int, passages: int = 10) -> None:
        """One transaction."""
        with self.catalog.write() as writer:
            for _ in range(articles):
                self.texts += 1
                text = f"{self.texts}" + "x" * passages
                spans = [PassageSpan(place, place + 1, ((place, place + 1),)) for place in range(passages)]
                hashes = [f"{self.texts} {place}".encode().ljust(32) for place in range(passages)]
                writer.put_article(Draft(f"{self.texts}", text), "splitter", spans, hashes, self.drawn(passages))

    def remove(self, articles: int) -> None:
        """Some that are there, in one transaction."""
        there = self.catalog.select("SELECT id FROM article", [])
        with self.catalog.write() as writer:
            for number in self.random.choice(there, min(articles, len(there)), replace=False).tolist():
                writer.remove_article(number)

    def rebuild(self) -> None:
        vectors.write(self.cache, self.catalog, DIMENSION, LIMIT)

    def view(self) -> vectors.VectorIndex:
        view, problem = vectors.load(self.cache, self.catalog, DIMENSION)
        assert problem is None
        return view

    def file(self) -> Path:
        (path,) = self.cache.glob("vectors-*.faiss")
        return path


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """2,000 passages, in a mapped base."""
    made = Store(tmp_path, 1)
    made.add(200)
    made.rebuild()
    yield made
    made.catalog.close()


def check_search(store: Store, view: vectors.VectorIndex, *, k: int = 10, **limits: Any) -> float:
    """Whatever is found is there, allowed, once, in order, and with its exact cosine; returns recall."""
    ids, stored = store.catalog.vectors(store.catalog.all_passage_ids().tolist())
    if limits.get("allowed") is not None:
        chosen = np.isin(ids, limits["allowed"])
        ids, stored = ids[chosen], stored[chosen]
    if limits.get("forbidden") is not None:
        chosen = ~np.isin(ids, limits["forbidden"])
        ids, stored = ids[chosen], stored[chosen]
    questions = store.drawn(20)
    found, scores = view.search(questions, k, **limits)
    assert found.shape == scores.shape == (20, k)
    hits = 0
    for question, own, some in zip(questions, found, scores, strict=True):
        exact = stored.astype(np.float32) @ question
        valid = own >= 0
        assert valid.sum() == min(k, len(ids))
        assert len(set(own[valid].tolist())) == valid.sum()
        assert np.isin(own[valid], ids).all()
        assert (np.diff(some[valid]) <= 0).all()
        np.testing.assert_allclose(some[valid], exact[np.searchsorted(ids, own[valid])], atol=1e-5)
        hits += len(set(ids[np.argsort(-exact)[:k]].tolist()) & set(own[valid].tolist()))
    return hits / (20 * max(1, min(k, len(ids))))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_any_order_of_changes_and_rebuilds_finds_what_exact_search_finds(tmp_path: Path, seed: int) -> None:
    store = Store(tmp_path, seed)
    store.add(150)
    store.rebuild()
    view = store.view()
    recalls = []
    kinds = set()
    actions = ["add", "add one", "remove", "rebuild", "reload"]
    for action in store.random.permutation(3 * actions).tolist():
        if action == "add":
            store.add(int(store.random.integers(1, 40)))
        elif action == "add one":
            store.add(1, 1)
        elif action == "remove":
            store.remove(int(store.random.integers(1, 20)))
        elif action == "rebuild":
            store.rebuild()
        if action in ("rebuild", "reload"):
            view = store.view()
        elif view.generation != store.catalog.generation():
            view = view.newer(store.catalog.generation())
        kinds.add((view.is_mapped, len(view.delta) > 0, len(view.dead) > 0))
        np.testing.assert_array_equal(vectors.ids_in(view), store.catalog.all_passage_ids())
        recalls.append(check_search(store, view))
        assert list(vectors.differing(view)) == []
    assert np.mean(recalls) >= 0.98
    assert len(kinds) >= 3, "the test never saw a delta or removed passages"
    store.catalog.close()


@pytest.mark.parametrize("share", [0.001, 0.03, 0.3, 0.7, 0.99])
def test_filters_leave_as_good_a_search_among_what_they_allow(
    store: Store, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapped_base, "LEAST_PROBES", 40)
    monkeypatch.setattr(view_module, "FEW", 30)
    store.add(20)
    store.remove(30)
    view = store.view()
    everything = store.catalog.all_passage_ids()
    some = np.sort(store.random.choice(everything, max(1, int(share * len(everything))), replace=False))
    floor = check_search(store, view) - 0.1
    assert check_search(store, view, allowed=some) >= floor
    assert check_search(store, view, forbidden=some) >= floor
    assert check_search(store, view, allowed=some, forbidden=some[1::2]) >= floor
    assert check_search(store, view, k=400, allowed=some) >= floor
    assert (view.search(store.drawn(2), 5, allowed=np.empty(0, np.int64))[0] == -1).all()


def test_a_view_is_extended_and_keeps_what_it_had(store: Store) -> None:
    store.add(30)
    view = store.view()
    store.add(1, 3)
    store.remove(1)
    later = view.newer(store.catalog.generation())
    assert later.base is view.base
    assert later.delta[0] is view.delta[0]
    assert sum(map(len, later.delta)) == 303
    for _ in range(40):
        store.add(1, 1)
        later = later.newer(store.catalog.generation())
    assert len(later.delta) < 10
    np.testing.assert_array_equal(vectors.ids_in(later), store.catalog.all_passage_ids())
    check_search(store, later)
    assert sum(map(len, view.delta)) == 300, "what a search may be looking at has changed"


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="looks where Linux tells what is mapped")
def test_the_lists_are_mapped_and_not_read(store: Store) -> None:
    view = store.view()
    check_search(store, view)
    assert str(store.file()) in Path("/proc/self/maps").read_text()
    del view


def test_the_file_is_replaced_while_it_is_searched(store: Store) -> None:
    view = store.view()
    questions = store.drawn(5)
    expected = view.search(questions, 10)
    done = threading.Event()
    seen: list[bool] = []

    def search() -> None:
        while not done.is_set():
            ids, scores = view.search(questions, 10)
            seen.append(bool((ids == expected[0]).all() and np.allclose(scores, expected[1])))

    thread = threading.Thread(target=search)
    thread.start()
    before = store.file()
    for _ in range(3):
        store.add(5)
        store.rebuild()
    done.set()
    thread.join()
    assert store.file() != before
    assert all(seen)
    assert len(seen) > 3
    check_search(store, store.view())


REBUILDING = """
import sys
from pathlib import Path
from index import vectors
from index.catalog import Catalog
folder = Path(sys.argv[1])
catalog = Catalog(folder / "catalog.sqlite")
vectors.write(folder / "vectors", catalog, 32, 100)
print("begun", flush=True)
while True:
    vectors.write(folder / "vectors", catalog, 32, 100)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_kill_at_any_moment_of_a_rebuild_leaves_a_whole_base(store: Store) -> None:
    for number in range(6):
        store.add(3)
        with subprocess.Popen(
            [sys.executable, "-c", REBUILDING, str(store.folder)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "begun\n"
            time.sleep(0.05 * number)
            process.send_signal(signal.SIGKILL)
        view = store.view()
        np.testing.assert_array_equal(vectors.ids_in(view), store.catalog.all_passage_ids())
        assert list(vectors.differing(view)) == []
    for left in (".vectors.json.1-1.tmp", ".vectors-codes-1-1.tmp"):
        (store.cache / left).write_bytes(b"half")
    store.rebuild()
    assert {path.name for path in store.cache.iterdir()} == {store.file().name, "vectors.json", "rebuild.lock"}


HOLDING = """
import sys
from pathlib import Path
from index.lock import rebuild_lock
with rebuild_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_two_processes_do_not_both_rebuild(store: Store) -> None:
    store.add(300)
    assert vectors.is_due(store.cache, store.catalog)
    before = store.file()
    rebuilder = vectors.Rebuilder(store.cache, store.catalog, DIMENSION, LIMIT, pytest.fail)
    command = [sys.executable, "-c", HOLDING, str(store.cache)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        rebuilder.start()
        rebuilder.wait()
        assert store.file() == before
        process.communicate("\n", timeout=30)
    rebuilder.start()
    rebuilder.wait()
    assert store.file() != before
    assert not vectors.is_due(store.cache, store.catalog)
    check_search(store, store.view())
    first = files.signature(store.cache)
    rebuilder.start()
    rebuilder.wait()
    assert files.signature(store.cache) == first, "it was made anew though nothing has changed"


def test_a_rebuild_that_is_stopped_leaves_the_old_base(store: Store) -> None:
    store.add(300)
    before = files.signature(store.cache)
    rebuilder = vectors.Rebuilder(store.cache, store.catalog, DIMENSION, LIMIT, pytest.fail)
    rebuilder.start()
    rebuilder.stop()
    assert not rebuilder.running
    assert files.signature(store.cache) == before
    with rebuild_lock(store.cache):
        pass
    check_search(store, store.view())


def damaged(store: Store, damage: Callable[[Path], None]) -> str | None:
    damage(store.file())
    view, problem = vectors.load(store.cache, store.catalog, DIMENSION)
    assert check_search(store, view) > 0.85
    return problem


def keeping_times(damage: Callable[[Path], None]) -> Callable[[Path], None]:
    def kept(path: Path) -> None:
        times = path.stat()
        damage(path)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    return kept


@pytest.mark.parametrize("place", [10, 5_000, -100])
def test_damage_to_a_mapped_file_is_noticed_when_it_is_opened(store: Store, place: int) -> None:
    assert damaged(store, lambda path: flip(path, place)) == "the FAISS file is damaged"


@pytest.mark.parametrize("place", [10, 5_000])
def test_damage_to_what_faiss_takes_into_memory_is_noticed_whatever_its_time(store: Store, place: int) -> None:
    assert damaged(store, keeping_times(lambda path: flip(path, place))) == "the FAISS file is damaged"


def test_a_mapped_file_that_was_cut_off_is_noticed_whatever_its_time(store: Store) -> None:
    cut = keeping_times(lambda path: path.write_bytes(path.read_bytes()[:-1]))
    assert damaged(store, cut) == "the FAISS file is damaged"


def test_a_bit_that_flips_silently_changes_no_score_and_verify_finds_it(store: Store) -> None:
    assert damaged(store, keeping_times(lambda path: flip(path, -500))) is None
    problem = vectors.load(store.cache, store.catalog, DIMENSION, whole=True)[1]
    assert problem == "the FAISS file is damaged"


def test_a_copy_is_read_whole_once_and_then_believed(store: Store) -> None:
    path = store.file()
    os.utime(path, ns=(1, 1))
    assert vectors.load(store.cache, store.catalog, DIMENSION)[1] is None
    assert files.described(store.cache).modified_ns != 1
    assert vectors.load(store.cache, store.catalog, DIMENSION, writable=True)[1] is None
    assert files.described(store.cache).modified_ns == path.stat().st_mtime_ns


def test_a_vector_in_the_wrong_list_or_with_another_code_is_found(store: Store) -> None:
    """As a bug in the making of the file would leave it."""
    view = store.view()
    assert list(vectors.differing(view)) == []
    ids = store.catalog.all_passage_ids()[[3, 700]].tolist()
    one, other = (store.catalog.vectors([number])[1].tobytes() for number in ids)
    with store.catalog.write() as writer:
        for number, vector in zip(ids, (other, one), strict=True):
            row = writer._connection.execute(
                'SELECT article_id, ordinal, start, "end", sentences, embedded_sha256 FROM passage WHERE id = ?',
                (number,),
            ).fetchone()
            writer._connection.execute(
                "UPDATE passage SET vector = ?, checksum = ? WHERE id = ?",
                (vector, database_checksum(*row, vector), number),
            )
    assert sorted(vectors.differing(view)) == ids


def database_checksum(*values: object) -> int:
    from index.schema import checksum

    return checksum(*values)


# The whole way, through an index of articles.


def fill(write: Write, index: ArticleIndex, first: int, last: int) -> None:
    topics = "harbour ferry council budget school museum bridge election tram library".split()
    index.add(
        [
            write(
                f"{n}.txt", f"Headline {n}\n\nThe {topics[n % 10]} of town {n} was told about {topics[n // 10 % 10]}."
            )
            for n in range(first, last)
        ]
    )


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with which a hundred passages are many, and twenty changes too."""
    monkeypatch.setattr(view_module, "REBUILD_ROWS", 20)
    return Settings(lock_timeout=0.5, exact_limit=60)


def test_an_index_that_grows_beyond_the_limit_answers_as_before(
    write: Write, open_index: Open, small_limit: Settings
) -> None:
    exact, large = open_index("exact"), open_index("large", settings=small_limit)
    for index in (exact, large):
        fill(write, index, 0, 50)
    assert "exact search over 50 vectors in memory" in large.stats().vectors
    for index in (exact, large):
        fill(write, index, 50, 130)
        index.remove(7)
    large.close()  # which waits for the file
    large = open_index("large", settings=small_limit)
    assert large.snapshot().vectors.is_mapped
    assert "search over 129 vectors" in large.stats().vectors
    assert "mapped from disk because there are more than 60" in large.stats().vectors
    assert "exact search over 129 vectors" in exact.stats().vectors
    for text in ("The harbour of town 40", "election budget", "What was the tram told?"):
        question = HashingEmbedder().encode_questions([text])
        found = [index.snapshot().vectors.search(question, 10)[1] for index in (exact, large)]
        np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    check_stores(large)
    assert large.verify().whole
    assert large.notes == []
    large.close()
    reopened = open_index("large", settings=small_limit)
    check_stores(reopened)
    assert reopened.snapshot().vectors.is_mapped
    assert reopened.notes == []


def test_a_large_file_that_is_lost_is_answered_without_and_made_anew_by_who_adds(
    write: Write, open_index: Open, small_limit: Settings
) -> None:
    index = open_index(settings=small_limit)
    fill(write, index, 0, 130)
    index.close()
    assert "mapped from disk" in open_index(settings=small_limit).stats().vectors
    shutil.rmtree(index.folder / "vectors")
    lost = open_index(settings=small_limit)
    check_stores(lost)
    assert "until a file of lists has been made" in lost.stats().vectors
    assert [note for note in lost.notes if "the FAISS file is missing" in note]
    fill(write, lost, 130, 131)
    lost.close()
    found = open_index(settings=small_limit)
    assert found.snapshot().vectors.is_mapped
    check_stores(found)


def test_a_process_that_stays_rebuilds_in_the_background_and_answers_meanwhile(
    write: Write, open_index: Open, small_limit: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_index(settings=small_limit)
    fill(write, index, 0, 100)
    index.close()
    index = open_index(settings=small_limit)
    generation = index.snapshot().vectors.base_generation
    monkeypatch.setattr(caches, "_STAYS", 0.0)
    with rebuild_lock(index.folder / "vectors"):
        fill(write, index, 100, 125)  # another process is at it: adding does not wait for that
        check_stores(index)
        assert index.snapshot().vectors.base_generation == generation
    reader = open_index(settings=small_limit)
    deadline = time.monotonic() + 20
    while reader.snapshot().vectors.base_generation == generation and time.monotonic() < deadline:
        check_stores(reader)
        time.sleep(0.02)
    assert reader.snapshot().vectors.delta == ()
    assert index.snapshot().vectors.delta == (), "who had it open does not notice the new file"
    check_stores(index)
