"""The languages of an index are counted as articles come and go, so that telling them reads no article."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from index_support import catalog_of

from index import ArticleIndex
from index.language_counts import META

Write = Callable[..., Path]

ENGLISH = "The harbour was closed on Monday because of the storm. Nobody knows when the ferries will sail again."
GERMAN = "Der Hafen wurde am Montag wegen des Sturms geschlossen. Niemand weiß, wann die Fähren wieder fahren werden."
FRENCH = "Le port a été fermé lundi à cause de la tempête. Personne ne sait quand les ferries partiront de nouveau."


def counted(index: ArticleIndex) -> frozenset[str]:
    """What was counted, which must be what is there."""
    catalog = catalog_of(index)
    try:
        assert catalog.languages() == {article.language for article in index.articles() if article.language}
        assert catalog.meta(META) is not None
        return catalog.languages()
    finally:
        catalog.close()


def test_languages_come_and_go_with_their_articles(write: Write, index: ArticleIndex) -> None:
    for number in range(2):
        index.add(write(f"en{number}.txt", f"Harbour {number}\n\n{ENGLISH}"))
    german = [write(f"de{number}.txt", f"Hafen {number}\n\n{GERMAN}") for number in range(2)]
    index.add(german)
    assert counted(index) == {"en", "de"}
    index.remove(german[0])
    assert counted(index) == {"en", "de"}
    index.add(write("de1.txt", f"Le port\n\n{FRENCH}"))
    assert counted(index) == {"en", "fr"}
    index.remove([article for article in index.articles() if article.language == "en"])
    assert counted(index) == {"fr"}


def test_an_older_catalog_is_counted_by_the_first_write(write: Write, index: ArticleIndex) -> None:
    index.add([write("en.txt", f"Harbour\n\n{ENGLISH}"), write("de.txt", f"Hafen\n\n{GERMAN}")])
    with index._catalog.write() as writer:
        writer._connection.execute("DELETE FROM meta WHERE key = ?", (META,))
        writer._languages.store = lambda: None  # type: ignore[method-assign]
    assert index._catalog.meta(META) is None
    assert index.languages() == {"en", "de"}
    index.remove("Hafen")
    assert counted(index) == {"en"}
