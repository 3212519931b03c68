"""What the page keeps: chats, clippings and feedback of each owner, compared with the articles as they are now."""

from __future__ import annotations

import dataclasses
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from store_support import ABOUT_BEES, FOLLOW_UP, QUESTION, answered, make_index, refused

from index import ArticleIndex, CorruptIndexError, IndexFormatError, NotAnIndexError, PullquoteError, StorageError
from qa import Turn
from qa.question_sets import read_questions
from ui.store import NotKeptError, Store, store_path

ANNA, BO = "anna", "bo"


@pytest.fixture
def articles_index(tmp_path: Path) -> Iterator[ArticleIndex]:
    with make_index(tmp_path) as index:
        yield index


@pytest.fixture
def store(articles_index: ArticleIndex) -> Iterator[Store]:
    with Store(store_path(articles_index)) as opened:
        yield opened


def turn(index: ArticleIndex, question: str) -> Turn:
    return Turn(question, answered(index, question))


def with_one_quote(asked: Turn) -> Turn:
    return Turn(asked.question, dataclasses.replace(asked.answer, quotes=asked.answer.quotes[:1]))


def test_a_chat_is_there_after_a_restart_with_its_quotes(articles_index: ArticleIndex) -> None:
    first = turn(articles_index, QUESTION)
    second = Turn(FOLLOW_UP, answered(articles_index, FOLLOW_UP, (first,)))
    with Store(store_path(articles_index)) as store:
        chat = store.chats.save(ANNA, first)
        store.chats.add(ANNA, chat.id, second)
    with Store(store_path(articles_index)) as store:
        (kept,) = store.chats.list(ANNA)
        assert (kept.id, kept.name, kept.turns) == (chat.id, QUESTION, 2)
        turns = store.chats.turns(ANNA, chat.id, articles_index)
        conversation = store.chats.conversation(ANNA, chat.id, articles_index)
    assert [saved.question for saved in turns] == [QUESTION, FOLLOW_UP]
    for saved, original in zip(turns, (first, second), strict=True):
        assert [quote.text for quote in saved.answer.quotes] == [quote.text for quote in original.answer.quotes]
        for quote, real in zip(saved.answer.quotes, original.answer.quotes, strict=True):
            assert quote.state == "same"
            assert (quote.sha256, quote.start, quote.end) == (real.sha256, real.start, real.end)
            assert quote.article.title == real.article.title
            assert quote.words == real.answer
    assert len(conversation[0].answer.quotes) >= 1
    for rebuilt, original in zip(conversation, (first, second), strict=True):
        assert rebuilt.answer.quotes == original.answer.quotes


def test_a_saved_conversation_is_gone_on_with(articles_index: ArticleIndex, store: Store) -> None:
    first = turn(articles_index, QUESTION)
    expected = answered(articles_index, FOLLOW_UP, (first,))
    chat = store.chats.save(ANNA, first)
    history = store.chats.conversation(ANNA, chat.id, articles_index)
    assert answered(articles_index, FOLLOW_UP, history) == expected
    assert expected.question != FOLLOW_UP


def test_an_answer_that_was_refused_keeps_its_nearest_passages(articles_index: ArticleIndex, store: Store) -> None:
    answer = refused(articles_index, QUESTION)
    chat = store.chats.save(ANNA, Turn(QUESTION, answer))
    (saved,) = store.chats.turns(ANNA, chat.id, articles_index)
    assert not saved.answer.answered
    assert saved.answer.reason == answer.reason
    assert [hit.text for hit in saved.answer.nearest] == [hit.text for hit in answer.nearest] != []
    (rebuilt,) = store.chats.conversation(ANNA, chat.id, articles_index)
    for hit in rebuilt.answer.nearest:
        assert hit.article.text[hit.start : hit.end] == hit.text


def test_a_changed_source_is_told_and_the_quote_keeps_its_own_text(
    articles_index: ArticleIndex, store: Store, tmp_path: Path
) -> None:
    asked = turn(articles_index, QUESTION)
    quote = asked.answer.quotes[0]
    assert quote.article.source.endswith("ferry.md")
    chat = store.chats.save(ANNA, asked)
    store.clippings.add(ANNA, quote)
    path = tmp_path / "articles" / "ferry.md"
    path.write_text("Today's news.\n\n" + path.read_text("utf-8").replace("two hundred", "three hundred"), "utf-8")
    assert articles_index.sync().add.updated
    saved = store.chats.turns(ANNA, chat.id, articles_index)[0].answer.quotes[0]
    assert (saved.state, saved.text) == ("changed", quote.text)
    assert store.clippings.list(ANNA, articles_index)[0].quote.state == "changed"
    rebuilt = store.chats.conversation(ANNA, chat.id, articles_index)[0].answer.quotes[0]
    assert rebuilt.text == rebuilt.article.text[rebuilt.start : rebuilt.end] == quote.text
    assert rebuilt.answer == quote.answer
    assert rebuilt.sha256 == quote.sha256
    assert "three hundred" not in rebuilt.article.text
    articles_index.remove(str(path))
    assert store.chats.turns(ANNA, chat.id, articles_index)[0].answer.quotes[0].state == "gone"
    assert store.clippings.list(ANNA, articles_index)[0].quote.state == "gone"
    assert store.chats.conversation(ANNA, chat.id, articles_index)[0].answer.quotes[0].text == quote.text


def test_an_article_that_was_removed_and_added_again_is_the_same(
    articles_index: ArticleIndex, store: Store, tmp_path: Path
) -> None:
    asked = turn(articles_index, QUESTION)
    chat = store.chats.save(ANNA, asked)
    path = tmp_path / "articles" / "ferry.md"
    articles_index.remove(str(path))
    articles_index.add(path)
    quote = store.chats.turns(ANNA, chat.id, articles_index)[0].answer.quotes[0]
    assert quote.state == "same"
    rebuilt = store.chats.conversation(ANNA, chat.id, articles_index)[0].answer.quotes[0]
    assert rebuilt.article.id != quote.article.id
    assert rebuilt.article.text[rebuilt.start : rebuilt.end] == quote.text


def test_the_name_of_a_chat_is_short_and_on_one_line(articles_index: ArticleIndex, store: Store) -> None:
    long = "What \x1b[31m did\nthe \u202ecaptain say about " + "the river and " * 40
    chat = store.chats.start(ANNA, long)
    assert len(chat.name) <= 80
    assert chat.name.startswith("What [31m did the captain say")
    assert chat.name.endswith("…")
    assert store.chats.rename(ANNA, chat.id, "  The\nriver ").name == "The river"
    assert store.chats.rename(ANNA, chat.id, " \n ").name == "The river"
    with pytest.raises(PullquoteError, match="characters long"):
        store.chats.rename(ANNA, chat.id, "x" * 100_000)


def test_words_are_found_in_questions_quotes_and_names(articles_index: ArticleIndex, store: Store) -> None:
    ferry = store.chats.save(ANNA, with_one_quote(turn(articles_index, QUESTION)))
    bees = store.chats.save(ANNA, with_one_quote(turn(articles_index, ABOUT_BEES)))
    store.chats.rename(ANNA, bees.id, "Über Insekten")

    def found(words: str) -> list[str]:
        return [hit.chat.id for hit in store.chats.search(ANNA, words)]

    assert found("aurora CARS") == [ferry.id]
    assert found("river") == [ferry.id]  # in the quote alone
    assert found("uber") == [bees.id]  # in the name alone
    assert found("insekten botanists") == [bees.id]  # in the name and in a turn
    assert found("zeppelin") == found("aurora zeppelin") == found("?!") == found("") == []
    assert found("%") == found("_") == []
    assert store.chats.search(ANNA, "river")[0].position == 0
    assert store.chats.search(ANNA, "river")[0].question == QUESTION
    assert store.chats.search(ANNA, "uber")[0].position is None


def test_chats_are_listed_by_their_last_use(articles_index: ArticleIndex, store: Store) -> None:
    asked = turn(articles_index, QUESTION)
    chats = [store.chats.save(ANNA, asked) for _ in range(3)]
    store.chats.add(ANNA, chats[0].id, asked)
    assert [chat.id for chat in store.chats.list(ANNA)] == [chats[0].id, chats[2].id, chats[1].id]
    assert [chat.id for chat in store.chats.list(ANNA, limit=1, skip=1)] == [chats[2].id]
    assert len({chat.id for chat in chats}) == 3
    assert min(len(chat.id) for chat in chats) >= 22


def test_a_deleted_chat_comes_back_until_it_is_purged(articles_index: ArticleIndex, store: Store) -> None:
    chat = store.chats.save(ANNA, turn(articles_index, QUESTION))
    store.chats.delete(ANNA, chat.id)
    assert store.chats.list(ANNA) == ()
    assert store.chats.search(ANNA, "aurora") == ()
    for use in (store.chats.get, store.chats.delete):
        with pytest.raises(NotKeptError):
            use(ANNA, chat.id)
    store.purge()
    assert store.chats.restore(ANNA, chat.id).id == chat.id
    assert len(store.chats.turns(ANNA, chat.id, articles_index)) == 1
    store.chats.delete(ANNA, chat.id)
    store.purge(timedelta(0))
    with pytest.raises(NotKeptError):
        store.chats.restore(ANNA, chat.id)
    with sqlite3.connect(store.path) as connection:
        assert connection.execute("SELECT count(*) FROM turn").fetchone() == (0,)


def test_a_question_is_edited_by_cutting_the_chat_there(articles_index: ArticleIndex, store: Store) -> None:
    asked = turn(articles_index, QUESTION)
    chat = store.chats.save(ANNA, asked)
    for _ in range(3):
        store.chats.add(ANNA, chat.id, asked)
    store.chats.cut(ANNA, chat.id, 1)
    added = store.chats.add(ANNA, chat.id, turn(articles_index, ABOUT_BEES))
    assert added.position == 1
    turns = store.chats.turns(ANNA, chat.id, articles_index)
    assert [saved.question for saved in turns] == [QUESTION, ABOUT_BEES]


def test_clippings_keep_their_order_notes_and_are_not_kept_twice(articles_index: ArticleIndex, store: Store) -> None:
    quotes = [*answered(articles_index, QUESTION).quotes, *answered(articles_index, ABOUT_BEES).quotes]
    different = list({(quote.sha256, quote.start): quote for quote in quotes}.values())
    assert len(different) >= 3
    kept = [store.clippings.add(ANNA, quote, QUESTION, "why") for quote in different]
    assert store.clippings.add(ANNA, different[0], note="again") == kept[0]
    ids = [clipping.id for clipping in kept]

    def order() -> list[str]:
        return [clipping.id for clipping in store.clippings.list(ANNA, articles_index)]

    assert order() == ids
    store.clippings.move(ANNA, ids[-1], 0)
    assert order() == [ids[-1], *ids[:-1]]
    store.clippings.move(ANNA, ids[-1], 99)
    assert order() == ids
    assert store.clippings.annotate(ANNA, ids[0], "for page one").note == "for page one"
    store.clippings.delete(ANNA, ids[1])
    assert order() == [ids[0], *ids[2:]]
    store.clippings.restore(ANNA, ids[1])
    assert order() == ids
    first = store.clippings.list(ANNA, articles_index)[0]
    assert (first.note, first.question, first.quote.text) == ("for page one", QUESTION, different[0].text)


def test_feedback_becomes_a_question_set(articles_index: ArticleIndex, store: Store, tmp_path: Path) -> None:
    right, bees = answered(articles_index, QUESTION), answered(articles_index, ABOUT_BEES)
    none = refused(articles_index, "Who painted the Mona Lisa?")
    wrong = answered(articles_index, "Who owns the museum?")
    unknown = answered(articles_index, "What is the captain's hat made of?")
    store.feedback.give(ANNA, right, liked=False, quote=right.quotes[0], reason="wrong")
    store.feedback.give(ANNA, right, liked=True, quote=right.quotes[0], comment="just so")
    store.feedback.give(ANNA, bees, liked=True, quote=bees.quotes[0])
    store.feedback.give(ANNA, bees, liked=True, quote=bees.quotes[1])
    store.feedback.give(ANNA, none, liked=True)
    store.feedback.give(ANNA, wrong, liked=False, reason="unanswerable")
    store.feedback.give(ANNA, unknown, liked=False, quote=unknown.quotes[0], reason="wrong")
    with pytest.raises(PullquoteError, match="'bad' is not a reason"):
        store.feedback.give(ANNA, unknown, liked=False, reason="bad")
    assert [given.liked for given in store.feedback.list(ANNA)] == [True, True, True, True, False, False]
    exported = store.feedback.question_set(ANNA)
    assert (exported.questions, exported.left_out) == (4, 1)
    path = tmp_path / "feedback.jsonl"
    path.write_text(exported.text, "utf-8")
    questions = {question.text: question for question in read_questions([path]).questions}
    assert len(questions) == 4
    liked = questions[QUESTION]
    assert liked.answerable
    assert liked.paragraph == right.quotes[0].text
    (words, start), *_ = liked.answers
    assert start is not None
    assert liked.paragraph[start : start + len(words)] == words
    assert [words for words, _ in questions[ABOUT_BEES].answers] == [
        quote.answer or quote.text for quote in bees.quotes[:2]
    ]
    assert not questions["Who painted the Mona Lisa?"].answerable
    assert not questions["Who owns the museum?"].answerable


def others_uses(
    store: Store, index: ArticleIndex, chat: str, clipping: str, feedback: str
) -> dict[str, Callable[..., Any]]:
    """Every method that takes the id of something, with what belongs to Anna."""
    asked = turn(index, QUESTION)
    return {
        "chats.add": lambda owner: store.chats.add(owner, chat, asked),
        "chats.cut": lambda owner: store.chats.cut(owner, chat, 0),
        "chats.get": lambda owner: store.chats.get(owner, chat),
        "chats.turns": lambda owner: store.chats.turns(owner, chat, index),
        "chats.conversation": lambda owner: store.chats.conversation(owner, chat, index),
        "chats.rename": lambda owner: store.chats.rename(owner, chat, "mine"),
        "chats.delete": lambda owner: store.chats.delete(owner, chat),
        "chats.restore": lambda owner: store.chats.restore(owner, chat),
        "clippings.annotate": lambda owner: store.clippings.annotate(owner, clipping, "mine"),
        "clippings.move": lambda owner: store.clippings.move(owner, clipping, 0),
        "clippings.delete": lambda owner: store.clippings.delete(owner, clipping),
        "clippings.restore": lambda owner: store.clippings.restore(owner, clipping),
        "feedback.delete": lambda owner: store.feedback.delete(owner, feedback),
    }


def test_nobody_reaches_what_is_anothers(articles_index: ArticleIndex, store: Store) -> None:
    asked = turn(articles_index, QUESTION)
    chat = store.chats.save(ANNA, asked)
    clipping = store.clippings.add(ANNA, asked.answer.quotes[0])
    feedback = store.feedback.give(ANNA, asked.answer, liked=True, quote=asked.answer.quotes[0])
    uses = others_uses(store, articles_index, chat.id, clipping.id, feedback.id)
    without_ids = {"start", "save", "list", "search"}, {"add", "list"}, {"give", "list", "question_set"}
    for name, known in zip(("chats", "clippings", "feedback"), without_ids, strict=True):
        methods = {method for method in dir(getattr(store, name)) if not method.startswith("_")}
        assert {f"{name}.{method}" for method in methods - known} == {use for use in uses if use.startswith(name)}
    for deleted in (False, True):
        if deleted:
            store.chats.delete(ANNA, chat.id)
            store.clippings.delete(ANNA, clipping.id)
        for owner in (BO, "ANNA", "anna ", "%", "a_na"):
            for use in uses.values():
                with pytest.raises(NotKeptError) as theirs:
                    use(owner)
                assert "there is no such" in str(theirs.value)
            assert store.chats.list(owner) == store.chats.search(owner, "aurora") == ()
            assert store.clippings.list(owner, articles_index) == store.feedback.list(owner) == ()
            assert store.feedback.question_set(owner).questions == 0
    store.chats.restore(ANNA, chat.id)
    store.clippings.restore(ANNA, clipping.id)
    assert store.chats.get(ANNA, chat.id).name == QUESTION
    assert len(store.chats.turns(ANNA, chat.id, articles_index)) == 1
    assert store.clippings.list(ANNA, articles_index)[0].note == ""
    assert len(store.feedback.list(ANNA)) == 1


@pytest.mark.parametrize("owner", ["", "  ", "x" * 10_000])
def test_an_owner_that_is_none_is_refused_everywhere(articles_index: ArticleIndex, store: Store, owner: str) -> None:
    asked = turn(articles_index, QUESTION)
    quote = asked.answer.quotes[0]
    uses: list[Callable[[str], Any]] = [
        *others_uses(store, articles_index, "a", "b", "c").values(),
        lambda owner: store.chats.start(owner, QUESTION),
        lambda owner: store.chats.save(owner, asked),
        store.chats.list,
        lambda owner: store.chats.search(owner, "words"),
        lambda owner: store.clippings.add(owner, quote),
        lambda owner: store.clippings.list(owner, articles_index),
        lambda owner: store.feedback.give(owner, asked.answer, liked=True),
        store.feedback.list,
        store.feedback.question_set,
    ]
    for use in uses:
        with pytest.raises(PullquoteError, match="is not a user"):
            use(owner)


@pytest.mark.parametrize("text", ["half a pair \ud83d", "NUL \x00 inside", "\u202e turned", "'; DROP TABLE chat; --"])
def test_any_text_can_be_kept(articles_index: ArticleIndex, store: Store, text: str) -> None:
    chat = store.chats.save(ANNA, turn(articles_index, text))
    clipping = store.clippings.add(ANNA, answered(articles_index, QUESTION).quotes[0], text, text)
    (saved,) = store.chats.turns(ANNA, chat.id, articles_index)
    assert saved.question == clipping.note == text.replace("\ud83d", "?")
    store.chats.search(ANNA, text)


def test_many_threads_write_and_read_at_once(articles_index: ArticleIndex, store: Store) -> None:
    asked = turn(articles_index, QUESTION)
    shared = store.chats.start(ANNA, QUESTION)
    problems: list[BaseException] = []

    def work(owner: str) -> None:
        try:
            for _ in range(5):
                store.chats.add(ANNA, shared.id, asked)
                chat = store.chats.save(owner, asked)
                assert chat.turns == 1
                store.chats.turns(owner, chat.id, articles_index)
        except (PullquoteError, AssertionError) as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(f"user {number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    turns = store.chats.turns(ANNA, shared.id, articles_index)
    assert [saved.position for saved in turns] == list(range(30))
    assert [len(store.chats.list(f"user {number}")) for number in range(6)] == [5] * 6


def test_a_store_is_the_users_own_and_survives_what_is_around_it(articles_index: ArticleIndex, store: Store) -> None:
    assert store.path.parent == articles_index.folder
    if sys.platform != "win32":
        assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    store.close()
    with pytest.raises(StorageError, match="the store is closed"):
        store.chats.list(ANNA)
    with ArticleIndex.open(articles_index.folder, embedder=articles_index._embedder) as again:
        assert again.counts()[0] == 2


def test_other_files_and_newer_versions_are_refused(tmp_path: Path) -> None:
    other, newer, torn = tmp_path / "other.sqlite", tmp_path / "newer.sqlite", tmp_path / "torn.sqlite"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE mine (text)")
    connection.close()
    with pytest.raises(NotAnIndexError, match="another program's database"):
        Store(other)
    Store(newer).close()
    with sqlite3.connect(newer) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(IndexFormatError, match="newer Pullquote"):
        Store(newer)
    torn.write_bytes(b"SQLite format 3\0" + bytes(range(256)) * 40)
    with pytest.raises(CorruptIndexError, match="damaged"):
        Store(torn)
    with pytest.raises(StorageError):
        Store(tmp_path / "newer.sqlite" / "below")


def test_an_older_store_is_brought_up_to_date_in_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ui.store import database, schema

    path, present, later = tmp_path / "old.sqlite", schema.VERSION, schema.VERSION + 1
    with Store(path) as store:
        chat = store.chats.start(ANNA, QUESTION)
    step = "CREATE TABLE later (text TEXT) STRICT;\nALTER TABLE chat ADD COLUMN folder TEXT;\n"
    broken = {**schema.MIGRATIONS, later: step + "CREATE TABLE chat (again TEXT);\n"}
    monkeypatch.setattr(database, "VERSION", later)
    monkeypatch.setattr(database, "MIGRATIONS", broken)
    with pytest.raises(PullquoteError):
        Store(path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (present,)
        assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'later'").fetchone() == (0,)
    connection.close()
    monkeypatch.setattr(database, "MIGRATIONS", {**schema.MIGRATIONS, later: step})
    with Store(path) as store:
        assert store.chats.get(ANNA, chat.id).name == QUESTION
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (later,)
    connection.close()
