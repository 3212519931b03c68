"""Follow-ups: which questions lean on earlier ones, how they read, and what is searched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from index import Article, ArticleIndex
from index.words import Document, WordIndex, WordView
from qa import Answer, Quote, Turn, retrieve_many
from qa.follow_up import Resolved, resolve
from qa.query import LONGEST, Query

TEXTS = (
    "Harbour Master Lise Quenneville praised the volunteers who filled sandbags.",
    "Lise Quenneville said that the lighthouse would stay at the end of the mole.",
    "The mayor of Skarvik, Ingrid Solheim, opened the new breakwater.",
    "The ambassador, Ronald Berg, met the council about the fishing treaty.",
    "The night train from Lund is opposed by three villages.",
    "The bridge over the Orre opened in 1932.",
    "The tower is forty metres tall.",
    "Bears were seen in the valley of the Orre.",
    "The hut was empty because of the flood.",
    "A soft goat cheese won the medal in Lund.",
    "Amir Haddad said that his budget would be balanced.",
    "A heat pump costs nine thousand crowns; a gas furnace costs four thousand.",
    "Nobody said that the lake was empty until the drought.",
    "Orchards around Lund lost their blossoms in the frost.",
    *(f"Filler number {number} speaks of the weather, of roads and of the price of bread." for number in range(60)),
)


@pytest.fixture(scope="module")
def words() -> WordView:
    index = WordIndex(None, "follow-ups")
    index.apply((Document(number, number, "", text) for number, text in enumerate(TEXTS, 1)), [], 1)
    return index.view()


def turn(asked: str, shown: str = "", *, searched: str = "", answer: str = "") -> Turn:
    """A turn that quoted a text, or found nothing."""
    searched = searched or asked
    if not shown:
        return Turn(asked, Answer(asked, searched, False, "Not in your articles.", "Nothing was found.", 0.0))
    article = Article(1, "A headline", ("a.txt",), None, None, "en", shown, "0" * 64)
    quote = Quote(shown, 0, len(shown), article, article.sha256, 1.0, 0.9)
    if answer:
        start = shown.index(answer)
        quote = replace(quote, answer_start=start, answer_end=start + len(answer))
    return Turn(asked, Answer(asked, searched, True, shown, None, 0.9, (quote,)))


WHO = turn("Who is Lise Quenneville?", TEXTS[0])


@pytest.mark.parametrize(
    ("before", "question", "read"),
    [
        (WHO, "And what did she praise?", "And what did Lise Quenneville praise?"),
        (WHO, "What is her plan?", "What is Lise Quenneville’s plan?"),
        (WHO, "Why?", "Who is Lise Quenneville? Why?"),
        (
            turn("And the mayor?", searched="Who is Lise Quenneville? Why? And the mayor?"),
            "And the ambassador?",
            "Who is Lise Quenneville? And the ambassador?",
        ),
        (WHO, "and the mayor?", "Who is Lise Quenneville? and the mayor?"),
        (
            turn("Who praised the volunteers?", TEXTS[0], answer="Lise Quenneville"),
            "When did she praise them?",
            "When did Lise Quenneville praise the volunteers?",
        ),
        (turn("What is throat cancer?"), "Is it treatable?", "Is throat cancer treatable?"),
        (turn("Who opposes the night train?", TEXTS[4]), "And in Oslo?", "Who opposes the night train in Oslo?"),
        (turn("Who is Ingrid Solheim?", TEXTS[2]), "What about Ronald Berg?", "Who is Ronald Berg?"),
    ],
)
def test_it_reads_as_a_whole_question(words: WordView, before: Turn, question: str, read: str) -> None:
    assert resolve(question, [before], words).question == read
    assert resolve(question, [], words) == Resolved(question)


@pytest.mark.parametrize("question", ["What did she say about it?", "How many people live there?", "Did they agree?"])
def test_what_stays_unclear_is_said_behind_it(words: WordView, question: str) -> None:
    shown = resolve(question, [WHO], words).question
    assert "Lise Quenneville" in shown
    assert shown.startswith(question) is ("she" not in question)
    assert not shown.endswith("?") or "it?" in shown


@pytest.mark.parametrize(
    "question",
    [
        "Who opposes the night train?",
        "When was the bridge over the Orre opened?",
        "How tall is the tower?",
        "Who said that the lake was empty?",
        "Are there bears in the valley?",
        "What did Amir Haddad say about his budget?",
        "Why was the hut empty?",
        "Which cheese won the medal?",
        "Is it true that bears were seen in the valley?",
        "orchards",
    ],
)
def test_a_question_that_stands_alone_is_searched_as_it_is(words: WordView, question: str) -> None:
    assert resolve(question, [WHO], words) == Resolved(question)
    assert resolve(question, [WHO, turn("Why?", searched="Who is Lise Quenneville? Why?")], words).question == question


@pytest.mark.parametrize(
    ("question", "read"),
    [
        ("No, I meant Ingrid Solheim.", "Who is Ingrid Solheim?"),
        ("I mean Amir Haddad", "Who is Amir Haddad?"),
        ("Sorry, I meant who is Ronald Berg?", "Who is Ronald Berg?"),
    ],
)
def test_a_correction_replaces_what_was_asked(words: WordView, question: str, read: str) -> None:
    resolved = resolve(question, [WHO], words)
    assert resolved.question == read
    assert "quennevill" not in dict(resolved.weights)


def test_a_correction_says_what_a_pronoun_meant(words: WordView) -> None:
    before = turn("What did she say about it?", searched="What did Lise Quenneville say about it?")
    assert (
        resolve("No, I meant the lighthouse.", [WHO, before], words).question
        == "What did Lise Quenneville say about the lighthouse?"
    )


def test_a_pronoun_is_not_replaced_by_one_of_two(words: WordView) -> None:
    before = turn("Did Lise Quenneville meet Ingrid Solheim?", TEXTS[2])
    assert resolve("What did she say?", [before], words).question.startswith("What did she say?")


@pytest.mark.parametrize(
    ("before", "question", "read"),
    [
        (
            "Who was hurt in the Orre bridge collapse?",
            "When did it happen?",
            "When did the Orre bridge collapse happen?",
        ),
        ("When did the frost happen?", "Why did it happen?", "Why did the frost happen?"),
        ("How many left after the flood?", "Where did that start?", "Where did the flood start?"),
        ("Who was hurt in Lund?", "When did it happen?", "When did it happen? (about: Lund, hurt)"),
    ],
)
def test_what_happened_is_the_event_of_the_last_question(
    words: WordView, before: str, question: str, read: str
) -> None:
    assert resolve(question, [turn(before, TEXTS[5])], words).question == read


def test_a_place_is_not_taken_for_a_person(words: WordView) -> None:
    before = turn("What happened in Lund?", TEXTS[4])
    assert "Lund elected" not in resolve("When was he elected?", [before], words).question
    assert resolve("When was he elected?", [before], words).question.startswith("When was he elected?")


def test_words_of_an_exact_phrase_and_exclusions_stay(words: WordView) -> None:
    resolved = resolve('Did she say "it is over" -lighthouse?', [WHO], words)
    assert '"it is over" -lighthouse' in resolved.question
    assert resolved.query.phrases == ("it is over",)
    assert resolved.query.exclusions == ("lighthouse",)
    assert "lighthous" not in dict(resolved.weights)


def test_its_own_words_count_most(words: WordView) -> None:
    weights = dict(resolve("And what did she praise?", [WHO], words).weights)
    assert weights["prais"] == 1.0
    assert 0 < weights["quennevill"] <= 1.0
    assert all(0 < weight <= 1 for weight in weights.values())
    assert "the" not in weights


def test_a_change_of_subject_drops_what_was_before(words: WordView) -> None:
    history = [WHO, turn("Which cheese won the medal?", TEXTS[9])]
    resolved = resolve("Where was it made?", history, words)
    assert "Quenneville" not in resolved.question
    assert not {"quennevill", "lise", "sandbag"} & set(dict(resolved.weights))
    assert "chees" in dict(resolved.weights)


def test_what_was_not_quoted_is_not_taken_up(words: WordView) -> None:
    unanswered = turn("Who is Ingrid Solheim?")
    assert "breakwat" not in dict(resolve("And why did she go?", [unanswered], words).weights)
    assert "breakwat" in dict(resolve("And why did she go?", [turn("Who is Ingrid Solheim?", TEXTS[2])], words).weights)


def test_any_text_has_a_result(words: WordView) -> None:
    for question in ("?", "…", "and", "what about", "No, I meant", "I mean ?", "\ud83d it", "it" * 50, "-why", '"it"'):
        resolved = resolve(question, [WHO], words)
        assert resolved.query.text
    long = "why " * (LONGEST // 4)
    assert resolve("Why?", [turn(long)], words).question == "Why?"


def test_weights_decide_which_passage_comes_first(
    open_index: Callable[..., ArticleIndex], write: Callable[..., Path], articles: Path
) -> None:
    write("a.txt", "Sandbags\n\nVolunteers filled sandbags at the harbour.\n")
    write("b.txt", "Lighthouse\n\nThe lighthouse will stay at the harbour.\n")
    index = open_index()
    index.add(articles)
    text = "sandbags lighthouse"
    found = retrieve_many(
        index,
        [
            Query(text, weights=(("sandbag", 1.0), ("lighthous", 0.1))),
            Query(text, weights=(("sandbag", 0.1), ("lighthous", 1.0))),
        ],
        2,
    )
    for hits, name in zip(found, ("Sandbags", "Lighthouse"), strict=True):
        lexical = {hit.article.title: hit.explain.lexical for hit in hits}
        assert max(lexical, key=lambda title: lexical[title]) == name
        assert len(lexical) == 2
