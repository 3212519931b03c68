"""One story told by several articles is shown once: copies of a passage and of a sentence stand behind the best one.

Two texts that are the same word for word are copies wherever they stand. Texts that differ are copies only between
near-duplicate articles, and only while nothing differs that could be a fact: no number, no name, no "not", and no
word put in another's place.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from index import Article, ArticleIndex, Snapshot

from .answer import Hit
from .reading import Candidate

_ALIKE = 0.8
"""The share of words, in order, that two copies have in common."""
_SAME_STEM = 4
"""Letters: “asks” may stand where the other says “asked”."""
_CLAUSE = 4
"""Words in a row that only one of two passages has."""
_LONGEST = 3000
"""Characters; longer texts are copies only when they are the same."""
_ROUNDS = 3
"""Searches for one question at most, when copies of a few passages fill everything that was found."""
_REPEATS = 20_000
"""Copies of one passage that are left out of the next search."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_NOT = frozenset(
    "no not never none nor neither without cannot nothing nobody hardly ne pas non nie nicht kein keine keinen keiner "
    "ni nunca jamais не нет ни ikke inte niet geen não nem".split()
)
_HARMLESS = frozenset(
    "a an the this that these those it its their his her he she they who which said says say saying told has have had "
    "is was are were be been will would to of in on at by for from with and as but also".split()
)


def nearly_same(first: str, second: str, *, clauses: bool = False) -> bool:
    """Whether two texts say the same in nearly the same words.

    Whatever may be a fact must be in both: numbers, names, negations. A word may stand in place of another only when
    both are function words or forms of one word.

    Args:
        first, second: the texts.
        clauses: whether one may have a few whole clauses more than the other, whatever they say.
    """
    if _key(first) == _key(second):
        return True
    if max(len(first), len(second)) > _LONGEST:
        return False
    one, two = _WORD.findall(first), _WORD.findall(second)
    matcher = difflib.SequenceMatcher(None, [w.casefold() for w in one], [w.casefold() for w in two], autojunk=False)
    if matcher.quick_ratio() < _ALIKE or matcher.ratio() < _ALIKE:
        return False
    return all(
        tag == "equal"
        or (clauses and tag != "replace" and abs(right - left - end + start) >= _CLAUSE)
        or _is_harmless(one[left:right], two[start:end])
        for tag, left, right, start, end in matcher.get_opcodes()
    )


def _is_harmless(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a difference is none of substance: words that one text has where the other has other words, or none."""
    if any(_is_fact(word) for word in (*some, *others)):
        return False
    if not some or not others:
        return True
    if len(some) == len(others) == 1:
        stems = [word[0].casefold()[:_SAME_STEM] for word in (some, others)]
        if stems[0] == stems[1] and len(stems[0]) == _SAME_STEM:
            return True
    return all(word.casefold() in _HARMLESS for word in (*some, *others))


def _is_fact(word: str) -> bool:
    if word.casefold() in _HARMLESS:
        return False
    return word[0].isupper() or any(map(str.isdigit, word)) or word.casefold() in _NOT or word.endswith(("n't", "n’t"))


def _key(text: str) -> str:
    return " ".join(text.split()).casefold()


class _Groups:
    """Which articles are near-duplicates, asked for as articles come up."""

    def __init__(self, index: ArticleIndex) -> None:
        self._index = index
        self._known: dict[int, int | None] = {}

    def learn(self, articles: Iterable[Article]) -> None:
        """Looks several articles up at once."""
        new = {article.id for article in articles} - set(self._known)
        found = self._index.near_groups(new) if new else {}
        self._known.update({number: found.get(number) for number in new})

    def same(self, first: Article, second: Article) -> bool:
        """Whether two articles that were learned are one story."""
        if first.id == second.id:
            return False
        group = self._known[first.id]
        return group is not None and group == self._known[second.id]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What one search found.

    Attributes:
        ids: passages, best first.
        load: hits of some of them, in their order; one that is gone meanwhile is left out.
    """

    ids: np.ndarray[Any, Any]
    load: Callable[[np.ndarray[Any, Any]], list[Hit]]


def best_hits(
    index: ArticleIndex, snapshot: Snapshot, search: Callable[[np.ndarray[Any, Any]], Ranking], k: int
) -> list[Hit]:
    """The ``k`` best passages of which none is a copy of another; copies stand in ``Hit.copies``.

    Args:
        index, snapshot: what is searched.
        search: searches without the passages of these ids, ascending.
        k: how many passages at most.
    """
    without = np.empty(0, np.int64)
    copies: dict[tuple[int, int], tuple[Hit, ...]] = {}
    for rounds in range(1, _ROUNDS + 1):
        kept = _distinct(index, search(without), k)
        for place, hit in enumerate(kept):
            where = (hit.article.id, hit.start)
            copies[where] = (*copies.get(where, ()), *hit.copies)
            kept[place] = replace(hit, copies=copies[where])
        repeated = [hit for hit in kept if hit.copies and _key(hit.copies[0].text) == _key(hit.text)]
        if len(kept) >= k or not repeated or rounds == _ROUNDS:
            break
        # Everything found is a few passages many times over, such as legal footers: look behind them.
        more = [_repeats(index, snapshot, hit) for hit in repeated]
        wider = np.unique(np.concatenate([without, *more]))
        if len(wider) == len(without):
            break
        without = wider
    return kept


def _distinct(index: ArticleIndex, ranking: Ranking, k: int) -> list[Hit]:
    """The first ``k`` passages of a ranking that are not copies of better ones, with the copies met on the way."""
    groups = _Groups(index)
    kept: list[Hit] = []
    copies: list[list[Hit]] = []
    place_of: dict[str, int] = {}
    first = 0
    while first < len(ranking.ids) and len(kept) < k:
        last = max(first + k, 2 * first)
        hits = ranking.load(ranking.ids[first:last])
        first = last
        groups.learn(hit.article for hit in hits)
        for hit in hits:
            key = _key(hit.text)
            place = place_of.get(key)
            if place is None:
                alike = (
                    number
                    for number, other in enumerate(kept)
                    if groups.same(hit.article, other.article) and nearly_same(hit.text, other.text, clauses=True)
                )
                place = next(alike, None)
            if place is not None:
                copies[place].append(hit)
            elif len(kept) < k:
                place_of[key] = len(kept)
                kept.append(hit)
                copies.append([])
    return [replace(hit, copies=tuple(own)) if own else hit for hit, own in zip(kept, copies, strict=True)]


def _repeats(index: ArticleIndex, snapshot: Snapshot, hit: Hit) -> np.ndarray[Any, Any]:
    """Ids of the passages that hold the same words as a hit and little else, but the hit itself."""
    ids = snapshot.words.containing(hit.text, _REPEATS)
    length = len(hit.text)
    return np.array(
        [
            passage.id
            for passage in index.passages(ids.tolist()).values()
            if abs(passage.end - passage.start - length) <= length // 10
            and (passage.article_id, passage.start) != (hit.article.id, hit.start)
        ],
        np.int64,
    )


@dataclass(frozen=True, slots=True)
class Merged:
    """A sentence that is quoted once, whoever says it.

    Attributes:
        best: the candidate that was scored best; it decides place and confidence.
        shown: the one to quote: that of the earliest published of the near-duplicates, else the best.
        also_in: the other articles that hold the sentence, or nearly.
    """

    best: Candidate
    shown: Candidate
    also_in: tuple[Article, ...]


def merged(index: ArticleIndex, candidates: Sequence[Candidate], most: int) -> list[Merged]:
    """The best candidates, each sentence once.

    Args:
        index: for what is a near-duplicate of what.
        candidates: best first.
        most: sentences.
    """
    groups = _Groups(index)
    groups.learn(article for one in candidates for article in (one.hit.article, *one.hit.also_in))
    slots: list[list[Candidate]] = []
    for candidate in candidates:
        slot = next((slot for slot in slots if _is_copy(groups, slot[0], candidate)), None)
        if slot is not None:
            slot.append(candidate)
        elif len(slots) < most:
            slots.append([candidate])
        else:
            continue
        (slot or slots[-1]).extend(_in_copies(groups, candidate))
    return [_merged(groups, slot) for slot in slots]


def _is_copy(groups: _Groups, first: Candidate, second: Candidate) -> bool:
    if _key(first.text) == _key(second.text):
        return True
    return groups.same(first.hit.article, second.hit.article) and nearly_same(first.text, second.text)


def _in_copies(groups: _Groups, candidate: Candidate) -> list[Candidate]:
    """The sentence as the copies of its passage have it."""
    found = []
    for copy in candidate.hit.copies:
        for start, end in copy.sentences:
            other = replace(candidate, hit=copy, start=start, end=end, answer_start=None, answer_end=None)
            if _is_copy(groups, candidate, other):
                found.append(_with_answer(other, candidate))
                break
    return found


def _with_answer(candidate: Candidate, source: Candidate) -> Candidate:
    """Marks the words that answer, when they stand once in the sentence."""
    if source.answer_start is None or source.answer_end is None:
        return candidate
    words = source.hit.article.text[source.answer_start : source.answer_end]
    if candidate.text.count(words) != 1:
        return candidate
    start = candidate.start + candidate.text.index(words)
    return replace(candidate, answer_start=start, answer_end=start + len(words))


def _merged(groups: _Groups, slot: Sequence[Candidate]) -> Merged:
    best = slot[0]
    # Among copies of one story the earliest is the source; elsewhere the best fits the question best.
    one_story = [one for one in slot if one is best or groups.same(best.hit.article, one.hit.article)]
    shown = min(one_story, key=lambda one: one.hit.article.published or date.max)
    others = {one.hit.article.id: one.hit.article for one in slot if one.hit.article.id != shown.hit.article.id}
    return Merged(best, shown, tuple(others.values()))
