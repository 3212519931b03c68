"""An index whose vectors and words are in Milvus: the same answers as with files, and nothing lost when it goes away.

Milvus Lite stands for a server: in a file of the index folder, and at an address of this machine.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from index_support import catalog_of

from index import ArticleIndex, HashingEmbedder, PullquoteError, Settings, StorageError
from index.embedding import FloatMatrix
from index.milvus import LOCAL
from qa import SentenceReader, ask_many, retrieve, retrieve_many
from ui.command_line import main

grpc = pytest.importorskip("grpc")
pytest.importorskip("pymilvus")

ROOT = Path(__file__).parents[2]
Write = Callable[..., Path]
Open = Callable[..., ArticleIndex]
ONE_LINE = r"^[^\n]*{}[^\n]*$"


class Server:
    """A Milvus at an address, which can die and come back."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self.start()

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        from milvus_lite.adapter.grpc.server import start_server_in_thread

        self._server, self._held, self._port = start_server_in_thread(str(self._folder), port=self._port)

    def stop(self) -> None:
        self._server.stop(None).wait(10)
        self._held.close()  # twice does no harm


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "server")
    yield server
    server.stop()


def in_milvus(**changes: Any) -> Settings:
    return Settings(vectors="milvus", lock_timeout=0.5, **changes)


@pytest.fixture
def kept(open_index: Open) -> Callable[..., ArticleIndex]:
    """Opens an index in Milvus; without an address it is a file in the index folder."""
    return lambda name="index", **changes: open_index(name, settings=in_milvus(**changes))


def held_by(index: ArticleIndex) -> Any:
    """What talks to Milvus, for looking and for damage."""
    milvus = index._milvus
    assert milvus is not None
    return milvus.collection()


def check_both(index: ArticleIndex) -> None:
    """Milvus and the words beside the catalog hold its passages, and nothing else."""
    snapshot, catalog = index.snapshot(), catalog_of(index)
    expected = catalog.all_passage_ids()
    assert snapshot.generation == held_by(index).generation() == catalog.generation()
    catalog.close()
    np.testing.assert_array_equal(held_by(index).ids(), expected)
    np.testing.assert_array_equal(snapshot.words.passage_ids(), expected)
    assert index.verify().problems == []


def found(index: ArticleIndex, question: str, **limits: Any) -> list[tuple[str, int]]:
    return [(hit.article.title, hit.start) for hit in retrieve(index, question, 10, **limits)]


def test_answers_are_those_that_files_give(open_index: Open, kept: Open) -> None:
    lines = (ROOT / "docs" / "example-questions.jsonl").read_text("utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    both = (open_index("files"), kept("milvus"))
    for index in both:
        assert len(index.add(ROOT / "examples").added) == 8
    for hits, others in zip(*(retrieve_many(index, questions, 10) for index in both), strict=True):
        assert [(hit.article.title, hit.start) for hit in hits] == [(hit.article.title, hit.start) for hit in others]
        for hit, other in zip(hits, others, strict=True):
            parts, expected = other.explain, hit.explain
            assert (parts.dense, parts.lexical, parts.fused) == pytest.approx(
                (expected.dense, expected.lexical, expected.fused), abs=1e-6
            )
    first, second = (ask_many(index, questions, threshold=0.0, reader=SentenceReader()) for index in both)
    quotes = [(answer.quotes[0].article.title, answer.quotes[0].start, answer.quotes[0].text) for answer in first]
    assert len(quotes) == len(questions) > 10
    assert [(a.quotes[0].article.title, a.quotes[0].start, a.quotes[0].text) for a in second] == quotes
    bridge = next(article for article in both[0].articles() if "bridge" in article.title)
    signed = next(article for article in both[0].articles() if article.author and article.published)
    (same,) = (article.id for article in both[1].articles() if article.title == bridge.title)
    for limits in (
        [{"authors": [signed.author]}] * 2,
        [{"since": str(signed.published)}] * 2,
        [{"articles": [bridge.id]}, {"articles": [same]}],
        [{"languages": ["fr"]}] * 2,
    ):
        for question in ("How much did the repair cost?", '"counterweights" and cost', "cost -crowns"):
            expected, got = (found(index, question, **one) for index, one in zip(both, limits, strict=True))
            assert got == expected
    assert found(both[1], "cost", articles=[same])
    assert all("crowns" not in hit.text for hit in retrieve(both[1], "What did it cost? -crowns"))
    assert {hit.article.title for hit in retrieve(both[1], 'the "bread van"')} == {bridge.title}


def test_what_is_added_changed_and_removed_reaches_it(write: Write, articles: Path, kept: Open) -> None:
    for number in range(6):
        write(f"{number}.txt", f"Headline {number}\n\n" + f"Story {number} tells of vessel number{number}. " * 40)
    index = kept()
    assert len(index.add(articles).added) == 6
    check_both(index)
    assert len(index.add(articles).unchanged) == 6
    assert index.add(write("2.txt", "Headline 2\n\nA new story altogether, of a lighthouse.")).updated
    assert index.remove(str(articles / "4.txt"))
    assert found(index, "lighthouse")[0][0] == "Headline 2"
    assert "Headline 4" not in {title for title, _ in found(index, "vessel number4")}
    check_both(index)
    stats = index.stats()
    assert re.fullmatch(r"Milvus, AUTOINDEX over \d+ vectors .*in a file in this folder \(Milvus Lite\)", stats.vectors)
    before = found(index, "vessel number3")
    index.close()
    # It stays what it was made as, whatever the settings say of new ones.
    again = kept_as_is(index.folder)
    with again:
        assert found(again, "vessel number3") == before
        assert again.stats().vectors == stats.vectors
        assert again.notes == []
        check_both(again)


def kept_as_is(folder: Path) -> ArticleIndex:
    return ArticleIndex.open(folder, create=False, embedder=HashingEmbedder(), settings=Settings(lock_timeout=0.5))


@pytest.mark.parametrize("kind", ["HNSW_SQ", "IVF_SQ8"])
def test_a_rough_kind_of_vector_index_gives_exact_scores(open_index: Open, kept: Open, kind: str) -> None:
    both = (open_index("files"), kept("milvus", milvus_index=kind))
    for index in both:
        index.add(ROOT / "examples" / "nap-study.md")
    assert kind in both[1].stats().vectors
    expected, got = (retrieve(index, "How many nurses took part?") for index in both)
    assert [hit.start for hit in got] == [hit.start for hit in expected]
    assert [hit.score for hit in got] == pytest.approx([hit.score for hit in expected], abs=1e-6)


def test_a_kind_of_index_that_is_none_is_one_line_and_makes_no_index(tmp_path: Path, kept: Open) -> None:
    with pytest.raises(StorageError, match=ONE_LINE.format("PULLQUOTE_MILVUS_INDEX is 'HNWS': give one of AUTO")):
        kept(milvus_index="HNWS")
    assert not (tmp_path / "index").exists()


def test_an_index_in_files_stays_in_files_and_says_so(open_index: Open, kept: Open, harbour: Path) -> None:
    open_index().add(harbour)
    index = kept()
    assert "in memory" in index.stats().vectors
    assert any(re.search("made with FAISS and stays so", note) for note in index.notes)
    assert not (index.folder / LOCAL).exists()


def test_other_vectors_replace_the_collection(kept: Open, harbour: Path) -> None:
    with kept() as index:
        index.add(harbour)
    shorter = HashingEmbedder(dimension=32)
    assert ArticleIndex.reembed(index.folder, embedder=shorter, settings=Settings())
    with ArticleIndex.open(index.folder, embedder=shorter) as index:
        check_both(index)
        assert found(index, "harbour")


def test_verify_sees_damage_in_milvus_and_repairs_it(kept: Open, write: Write, articles: Path) -> None:
    for number in range(4):
        write(f"{number}.txt", f"Headline {number}\n\nStory {number} tells of vessel number{number}.")
    index = kept()
    index.add(articles)
    first, second, third, _ = (int(number) for number in held_by(index).ids())
    collection = held_by(index)
    rows = {row["id"]: row for page in collection.rows(["article", "text", "title", "vector"]) for row in page}
    client, name = collection._client, collection.name
    client.delete(name, ids=[first])
    client.upsert(name, [{**rows[second], "vector": rows[third]["vector"], "generation": 1}])
    client.upsert(name, [{**rows[third], "text": "other words", "generation": 1}])
    problems = index.verify().problems
    assert {problem.where for problem in problems} == {"vectors"}
    text = "\n".join(str(problem) for problem in problems)
    assert f"another vector for passage {second}" in text
    assert f"other words for passage {third}" in text
    report = index.verify(repair=True)
    assert (report.whole, report.lost) == (True, [])
    assert any("Milvus" in line for line in report.repaired)
    check_both(index)


DYING = """
import os, signal, sys
from index import ArticleIndex, HashingEmbedder, Settings
from index.milvus import caches, collection

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

with ArticleIndex.open(sys.argv[1], embedder=HashingEmbedder(), settings=Settings(vectors="milvus")) as index:
    index.add(sys.argv[2])
    print("kept", flush=True)
    if sys.argv[4] == "before it is written to":
        caches.MilvusCaches.catch_words_up = die
    else:
        collection.Collection._mark = die
    index.add(sys.argv[3])
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("moment", ["before it is written to", "before it is complete"])
def test_a_kill_after_the_catalogs_commit_loses_nothing(tmp_path: Path, write: Write, kept: Open, moment: str) -> None:
    first = write("1.txt", "Headline 1\n\nThe first story tells of a lighthouse.")
    second = write("2.txt", "Headline 2\n\nThe second story tells of a trawler.")
    command = [sys.executable, "-c", DYING, str(tmp_path / "index"), str(first), str(second), moment]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "kept\n"), done.stderr
    index = kept()
    behind = held_by(index).generation()
    catalog = catalog_of(index)
    assert 0 < behind < catalog.generation(), "the kill came too late to show anything"
    catalog.close()
    assert found(index, "trawler")[0][0] == "Headline 2"
    assert found(index, "lighthouse")[0][0] == "Headline 1"
    check_both(index)
    assert len(index.add([first, second]).unchanged) == 2


ADDING = """
import sys
from index import ArticleIndex, HashingEmbedder, Settings
with ArticleIndex.open(sys.argv[1], embedder=HashingEmbedder(), settings=Settings()) as index:
    index.add(sys.argv[2])
"""


def test_another_process_writes_to_a_server_and_is_seen(kept: Open, write: Write, server: Server) -> None:
    index = kept(milvus_uri=server.uri)
    index.add(write("1.txt", "Headline 1\n\nThe first story tells of a lighthouse."))
    assert server.uri in index.stats().vectors
    second = write("2.txt", "Headline 2\n\nThe second story tells of a trawler.")
    subprocess.run([sys.executable, "-c", ADDING, str(index.folder), str(second)], check=True, timeout=120)
    assert found(index, "trawler")[0][0] == "Headline 2"
    check_both(index)


def test_the_file_of_milvus_lite_serves_one_process_which_is_said(kept: Open, harbour: Path) -> None:
    index = kept()
    index.add(harbour)
    command = [sys.executable, "-c", ADDING, str(index.folder), str(harbour)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert "another process uses it" in done.stderr.splitlines()[-1]
    index.close()
    subprocess.run(command, check=True, timeout=120)


class DeadlyEmbedder(HashingEmbedder):
    """While it embeds, the server dies."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self._server = server

    def encode_passages(
        self, texts: Sequence[str], on_batch: Callable[[Sequence[int], FloatMatrix], None] | None = None
    ) -> FloatMatrix:
        self._server.stop()
        return super().encode_passages(texts, on_batch)


def test_a_server_that_dies_and_comes_back_is_caught_up(
    open_index: Open, kept: Open, write: Write, server: Server
) -> None:
    first = write("1.txt", "Headline 1\n\nThe first story tells of a lighthouse.")
    with kept(milvus_uri=server.uri) as index:
        index.add(first)
    impatient = in_milvus(milvus_uri=server.uri, milvus_timeout=1.0)
    index = open_index(embedder=DeadlyEmbedder(server), settings=impatient)
    second = write("2.txt", "Headline 2\n\nThe second story tells of a trawler.")
    says = ONE_LINE.format(re.escape(server.uri) + "[^\n]*does not answer within 1 s")
    with pytest.raises(StorageError, match=says):
        index.add(second)
    index.close()
    # What was stored can be listed and read, and is there to be found once the server is back.
    index = open_index(settings=impatient)
    assert {article.title for article in index.articles()} == {"Headline 1", "Headline 2"}
    began = time.monotonic()
    for refused in (lambda: found(index, "trawler"), lambda: index.add(first), index.stats):
        with pytest.raises(StorageError, match=says):
            refused()
    assert time.monotonic() - began < 45
    assert any("does not answer" in str(problem) for problem in index.verify().problems)
    server.start()
    patient = kept(milvus_uri=server.uri)
    assert found(patient, "trawler")[0][0] == "Headline 2"
    check_both(patient)
    # A short absence is waited for.
    server.stop()
    back = threading.Timer(0.5, server.start)
    back.start()
    assert found(patient, "lighthouse")[0][0] == "Headline 1"
    back.join()


def test_an_address_where_nobody_listens_is_said_in_time_and_nothing_is_half_done(kept: Open, harbour: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    index = kept(milvus_uri=f"http://127.0.0.1:{port}", milvus_timeout=1.0)
    began = time.monotonic()
    with pytest.raises(StorageError, match=ONE_LINE.format(f"127.0.0.1:{port}[^\n]*PULLQUOTE_MILVUS_URI")):
        index.add(harbour)
    assert time.monotonic() - began < 20
    assert index.counts() == (0, 0)


def test_another_address_is_kept_and_filled_and_the_token_is_not(
    kept: Open, harbour: Path, server: Server, tmp_path: Path
) -> None:
    with kept() as index:
        index.add(harbour)
        expected = found(index, "harbour")
    with kept(milvus_uri=server.uri, milvus_token="anna:a secret word") as index:
        assert found(index, "harbour") == expected
    with kept_as_is(index.folder) as index:
        assert server.uri in index.stats().vectors
        check_both(index)
        assert "secret" not in repr(index.settings)
    assert not any(b"a secret word" in path.read_bytes() for path in index.folder.rglob("*") if path.is_file())


class Listener(grpc.ServerInterceptor):
    """Hears what each caller says of itself."""

    def __init__(self) -> None:
        self.heard: set[str] = set()

    def intercept_service(self, continuation: Any, details: Any) -> Any:
        self.heard.add(dict(details.invocation_metadata).get("authorization", ""))
        return continuation(details)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate")
def test_the_token_reaches_a_server_by_tls_whose_certificate_is_checked(
    tmp_path: Path, kept: Open, harbour: Path
) -> None:
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen import milvus_pb2_grpc

    for name in ("ours", "other"):
        subprocess.run(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
            f"-addext subjectAltName=DNS:localhost -keyout {tmp_path / name}.key -out {tmp_path / name}.pem".split(),
            check=True,
            capture_output=True,
        )
    listener, held = Listener(), MilvusLite(str(tmp_path / "server"))
    server = grpc.server(futures.ThreadPoolExecutor(4), interceptors=[listener])
    milvus_pb2_grpc.add_MilvusServiceServicer_to_server(MilvusServicer(held), server)
    pair = ((tmp_path / "ours.key").read_bytes(), (tmp_path / "ours.pem").read_bytes())
    port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([pair]))
    server.start()
    address = {"milvus_uri": f"https://localhost:{port}", "milvus_token": "anna:word"}
    index = kept(**address, milvus_ca=str(tmp_path / "other.pem"), milvus_timeout=1.0)
    with pytest.raises(StorageError, match=ONE_LINE.format("does not answer")):
        index.add(harbour)
    index = kept(**address, milvus_ca=str(tmp_path / "missing.pem"))
    with pytest.raises(StorageError, match=ONE_LINE.format("missing.pem: the certificate cannot be read")):
        index.add(harbour)
    assert not listener.heard
    index = kept(**address, milvus_ca=str(tmp_path / "ours.pem"))
    assert index.add(harbour).added
    check_both(index)
    assert listener.heard == {base64.b64encode(b"anna:word").decode()}
    index.close()
    server.stop(None).wait(10)
    held.close()


@pytest.mark.parametrize("uri", ["milvus.example.org:19530", "http://", "ftp://host:1", "http://anna:secret@host:1"])
def test_an_address_that_is_none_is_one_line_and_makes_no_index(tmp_path: Path, kept: Open, uri: str) -> None:
    with pytest.raises(StorageError, match=ONE_LINE.format("is no address of a Milvus")) as raised:
        kept(milvus_uri=uri)
    assert "secret" not in str(raised.value)
    assert not (tmp_path / "index").exists()


def test_without_the_extra_one_line_says_what_to_install(
    kept: Open, harbour: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = kept()
    monkeypatch.setitem(sys.modules, "pymilvus", None)
    with pytest.raises(StorageError, match=ONE_LINE.format(r"pip install 'pullquote\[milvus\]'")):
        index.add(harbour)
    assert index.counts() == (0, 0)


def test_who_does_not_choose_it_does_not_load_it(tmp_path: Path, harbour: Path) -> None:
    loaded = "[name for name in ('pymilvus', 'grpc', 'milvus_lite') if name in sys.modules]"
    look = f"{ADDING}    index.stats()\nprint({loaded})"
    command = [sys.executable, "-c", look, str(tmp_path / "index"), str(harbour)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.stdout == "[]\n", done.stderr


def test_it_is_chosen_by_the_environment(
    tmp_path: Path, harbour: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PULLQUOTE_VECTORS", "milvus")
    monkeypatch.setenv("PULLQUOTE_MODEL", "hashing")
    assert main(["add", str(harbour), "--index", str(tmp_path / "index")]) == 0
    monkeypatch.delenv("PULLQUOTE_VECTORS")
    capsys.readouterr()
    assert main(["stats", "--index", str(tmp_path / "index")]) == 0
    assert "Milvus Lite" in capsys.readouterr().out
    assert Settings.from_environment(
        {
            "PULLQUOTE_VECTORS": "milvus",
            "PULLQUOTE_MILVUS_URI": "https://example.org:443",
            "PULLQUOTE_MILVUS_TOKEN": "anna:word",
            "PULLQUOTE_MILVUS_CA": "ca.pem",
            "PULLQUOTE_MILVUS_INDEX": "HNSW",
            "PULLQUOTE_MILVUS_TIMEOUT": "5",
        }
    ) == Settings(
        vectors="milvus",
        milvus_uri="https://example.org:443",
        milvus_token="anna:word",
        milvus_ca="ca.pem",
        milvus_index="HNSW",
        milvus_timeout=5.0,
    )
    for name, value in (("VECTORS", "milvvus"), ("MILVUS_TIMEOUT", "soon"), ("MILVUS_TIMEOUT", "0")):
        with pytest.raises(PullquoteError, match=ONE_LINE.format(f"PULLQUOTE_{name} is '{value}'")):
            Settings.from_environment({f"PULLQUOTE_{name}": value})
