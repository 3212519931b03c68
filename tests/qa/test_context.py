"""What is shown before a quote that cannot be understood alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from confidence_support import evidence_for
from hypothesis import given
from hypothesis import strategies as st

from index import Article, ArticleIndex
from index.article import text_sha256
from index.passages import passage_spans
from qa import Candidate, Hit, ScoreParts, ask
from qa.context import LONGEST, context_start


def article_of(text: str, language: str | None = None) -> Article:
    return Article(1, "A title", (), None, None, language, text, text_sha256(text))


def hits_of(text: str, language: str | None = None) -> list[Hit]:
    """The passages of a text, as the index would make them."""
    article = article_of(text, language)
    parts = ScoreParts(0.5, 1.0, 0.5)
    return [
        Hit(1.0, text[span.start : span.end], span.start, span.end, article, parts, span.sentences)
        for span in passage_spans(text, article.title)
    ]


def context_of(text: str, quote: str, language: str | None = None) -> str | None:
    """What is shown before the sentence that begins with some words."""
    for hit in hits_of(text, language):
        for start, end in hit.sentences:
            if text[start:end].startswith(quote):
                begin = context_start(hit, start, end)
                return None if begin is None else text[begin:start]
    raise AssertionError(f"no sentence begins with {quote!r}")


HOLM = "The lamp of Skagen turns by itself. Karen Holm may stay in the house. She climbs the steps every day."


@pytest.mark.parametrize(
    ("text", "quote", "context"),
    [
        (HOLM, "She climbs", "Karen Holm may stay in the house. "),
        ("Karen Holm stays.\n\nShe climbs the steps.", "She climbs", "Karen Holm stays.\n\n"),
        # The name stands two sentences back.
        (
            "Karen Holm has the key. The lamp was lit at six. She climbs the steps.",
            "She climbs",
            "Karen Holm has the key. The lamp was lit at six. ",
        ),
        # Too far back: what names nobody, and leans itself, does not help.
        ("Karen Holm stays. He came. He went. He slept. She climbs.", "She climbs", None),
        # A place, a month or a day is nobody's name.
        (
            "Jonas Weber came late. The talks in Ghent began on Monday. He left at noon.",
            "He left",
            "Jonas Weber came late. The talks in Ghent began on Monday. ",
        ),
        # Somebody without a name.
        ("The mayor was late. She said nothing.", "She said", "The mayor was late. "),
        # A name at the beginning of a sentence is known by its place in another one.
        (
            "The council heard Weber. Weber was tired. The hall was cold. He left.",
            "He left",
            "Weber was tired. The hall was cold. ",
        ),
        ("Voltic built the lamp. It also opened an office.", "It also", "Voltic built the lamp. "),
        ("Fishermen are angry. They sent a letter.", "They sent", "Fishermen are angry. "),
        ("Voltic is from Ghent. The company said it was sorry.", "The company", "Voltic is from Ghent. "),
        ("Ann Lee paid. The price fell. This made her rich.", "This made", "The price fell. "),
        ("Ann Lee paid. The price fell. However, nobody sold.", "However", "The price fell. "),
        # Who speaks: only the words outside the quotation marks count.
        (
            "Élodie Dürr counted them. “Bees like gravel.” The city was glad.",
            "“Bees",
            "Élodie Dürr counted them. ",
        ),
        ("Ann Lee met Jo Ray. “Ed Fox is a liar,” she said.", "“Ed Fox", "Ann Lee met Jo Ray. "),
        (
            "“We are tired,” said Jonas Weber. “Nobody sleeps. The lamp is too bright.” It rained.",
            "The lamp",
            "“We are tired,” said Jonas Weber. “Nobody sleeps. ",
        ),
        # What can be understood alone.
        (HOLM, "Karen Holm", None),
        (HOLM, "The lamp", None),
        ("Karen Holm stays. It is unclear who pays.", "It is unclear", None),
        # Nothing before it.
        ("She climbs the steps. Karen Holm is old.", "She climbs", None),
        # Never across a heading.
        ("Karen Holm stays in the house for good.\n\nThe steps\n\nShe climbs them every day.", "She climbs", None),
    ],
)
def test_what_is_shown_before_a_quote(text: str, quote: str, context: str | None) -> None:
    assert context_of(text, quote) == context


def test_the_rules_are_for_english() -> None:
    assert context_of(HOLM, "She climbs", "en") is not None
    assert context_of(HOLM, "She climbs", "de") is None


def test_context_is_never_long() -> None:
    long = f"Karen Holm stays{' in the house' * 40}."
    assert len(long) > LONGEST
    assert context_of(f"{long} She climbs the steps.", "She climbs") is None
    near = f"Karen Holm stays{' in the house' * 25}."
    assert context_of(f"{near} She climbs the steps.", "She climbs") == f"{near} "
    assert context_of(f"{near} {near.replace('Karen Holm', 'He')} She climbs the steps.", "She climbs") is None


def test_context_stands_in_the_passage_before() -> None:
    filler = "In the log of that year the wind, the ships and the lamp were noted day by day, and all was well. " * 4
    text = f"{filler}\n\nKaren Holm may stay in the house.\n\nShe climbs the steps. {filler}{filler}"
    hit = next(hit for hit in hits_of(text) if "She climbs" in hit.text)
    start = text.index("She climbs")
    alone = Hit(1.0, text[start : hit.end], start, hit.end, hit.article, hit.explain, hit.sentences[-2:])
    begin = context_start(alone, start, start + len("She climbs the steps."))
    assert text[begin:start] == "Karen Holm may stay in the house.\n\n"


def test_context_is_found_across_hard_wrapped_lines() -> None:
    text = (
        "The lamp of Skagen turns by itself since the end of March this year.\n"
        "Karen Holm, the last keeper of the lighthouse at the northern cape of\n"
        "the country, may stay in the house. She climbs the two hundred and\n"
        "ten steps every morning before six, whatever the wind and the rain.\n"
    )
    assert context_of(text, "She climbs") == text[text.index("Karen Holm") : text.index("She climbs")]


def test_a_long_article_without_lines_is_searched_near_the_quote_only() -> None:
    text = "Karen Holm stays. " + "Nothing came of the plan for years and years. " * 3000 + "She climbs the steps."
    start = text.index("She climbs")
    hit = Hit(1.0, text[start:], start, len(text), article_of(text), ScoreParts(0, 0, 0), ((start, len(text)),))
    begin = context_start(hit, start, len(text))
    assert begin is not None
    assert text[begin:start] == "Nothing came of the plan for years and years. "


_PIECES = st.sampled_from(
    [
        "She climbs the steps. ",
        "It also sank. ",
        "This was late. ",
        "However, nobody came. ",
        "Karen Holm stays. ",
        "“We won,” he said. ",
        '"We won. ',
        "Nobody came.” ",
        "The company said so. ",
        "A heading\n\n",
        "\n\n",
        "\n",
        "no stop ",
        "naïve 🐝 e\u0301. ",
        "x" * 300 + ". ",
    ]
)


@given(st.lists(_PIECES, max_size=14).map("".join) | st.text(max_size=300))
def test_context_is_always_a_slice_directly_before_the_quote(text: str) -> None:
    for hit in hits_of(text):
        for start, end in hit.sentences:
            begin = context_start(hit, start, end)
            if begin is None:
                continue
            assert 0 <= begin < start
            assert start - begin <= LONGEST
            assert text[begin:start].strip()
            assert not text[begin].isspace()
            assert "A heading" not in text[begin:start].splitlines()


class Chosen:
    """A reader that finds the sentences that begin with the question's words."""

    fingerprint = "chosen"

    def read(self, index: ArticleIndex, asked: Sequence[tuple[str, Sequence[Hit]]]) -> list[list[Candidate]]:
        evidence = evidence_for(0.999)
        return [
            [
                Candidate(hit, start, end, 1.0, evidence)
                for hit in hits
                for start, end in hit.sentences
                if hit.article.text[start:end].startswith(question)
            ]
            for question, hits in asked
        ]


def test_an_answer_has_the_context_of_its_quote(
    index: ArticleIndex, write: Callable[..., Path], articles: Path
) -> None:
    write("lamp.txt", f"The keeper\n\n{HOLM}\n")
    index.add(articles)
    quote = ask(index, "She climbs the steps", reader=Chosen()).quotes[0]
    assert quote.text == "She climbs the steps every day." == quote.article.text[quote.start : quote.end]
    assert quote.article.text[quote.context_start : quote.start] == "Karen Holm may stay in the house. "
    assert ask(index, "Karen Holm may", reader=Chosen()).quotes[0].context_start is None
