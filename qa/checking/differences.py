"""Says in plain words what differs between a quotation and the stretch of text it was aligned with."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .aligning import Pair
from .folding import FoldedText
from .quoted import Quoted
from .result import Kind, QuoteDifference, Span
from .wording import QUANTITY_SIGNS, is_negation, is_number, is_word, negates

_SENTENCE_ENDS = frozenset(".!?")
_LONGEST_ABBREVIATION = 3
_STYLE_MARKS = frozenset(",.")
_LEAST_MOVED = 4
"""Characters of words that are said to have moved; "the" stands everywhere."""
_NEARBY = 40
"""Tokens before and after what was matched among which moved words are looked for."""
_ADDED = (Kind.ADDED, Kind.NEGATION_ADDED)
_DROPPED = (Kind.DROPPED, Kind.NEGATION_DROPPED)


@dataclass(frozen=True, slots=True)
class _Block:
    """A row of tokens of the quotation, and the one of the source that stands in its place; either may be empty."""

    quote: Span
    source: Span


class Differences:
    """Tells how a quotation differs from a text.

    Args:
        quoted: the quotation.
        source: the text.
        language: of the text (ISO 639-1); in German every noun has a capital, so that a name cannot be told.
    """

    def __init__(self, quoted: Quoted, source: FoldedText, language: str | None = None) -> None:
        self._quoted = quoted
        self._quote = quoted.folded
        self._source = source
        self._tells_names = language != "de"
        self._joints = [joint for joint in (quoted.leading, *quoted.joints, quoted.trailing) if joint is not None]

    def of_pairs(self, pairs: Sequence[Pair]) -> tuple[list[QuoteDifference], Span]:
        """The differences of an alignment, and the tokens of the source that the quotation claims to be."""
        blocks = list(self._blocks(pairs))
        found = [difference for block in blocks for difference in self._of_block(block)]
        found += self._changed_capitals(pairs)
        first = min(
            pairs[0][1], *(block.source[0] for block in blocks if block.source[0] < block.source[1]), pairs[0][1]
        )
        last = max(pairs[-1][1] + 1, *(block.source[1] for block in blocks), pairs[-1][1] + 1)
        found += self.of_marks(pairs)
        return sorted(self._with_moves(found, pairs), key=lambda one: (one.start, one.source_start)), (first, last)

    def of_parts(self, chain: Sequence[Span]) -> tuple[list[QuoteDifference], Span]:
        """The differences of a quotation each part of which stands in the text: only what its writer has marked."""
        found = []
        begin, end = chain[0][0], chain[-1][1]
        if self._quoted.leading and not self._quoted.leading.ellipsis:
            leading = (self._quoted.leading.first, self._quoted.leading.last)
            # Of "[T]he" the article's "the" belongs to the place.
            letters = "".join(filter(is_word, self._quote.keys[slice(*leading)])).casefold()
            begin -= begin > 0 and self._source.keys[begin - 1].casefold() == letters
            found.append(self._difference(Kind.INSERTED, leading, (begin, chain[0][0])))
        for joint, (before, after) in zip(self._quoted.joints, itertools.pairwise(chain), strict=True):
            block = _Block((joint.first, joint.last), (before[1], after[0]))
            found += self._of_block(block)
        if self._quoted.trailing and not self._quoted.trailing.ellipsis:
            trailing = (self._quoted.trailing.first, self._quoted.trailing.last)
            found.append(self._difference(Kind.INSERTED, trailing, (end, end)))
        return found, (begin, end)

    def of_marks(self, pairs: Sequence[Pair]) -> list[QuoteDifference]:
        """Quotation marks that only one of both has between the same two words."""
        words = [pair for pair in pairs if is_word(self._quote.keys[pair[0]])]
        found = []
        for (one, other), (next_one, next_other) in itertools.pairwise(words):
            quote = self._quote.inner_marks(one, next_one + 1)
            source = self._source.inner_marks(other, next_other + 1)
            if bool(quote) == bool(source) or not self._next_to_each_other(one, next_one, other, next_other):
                continue
            mark = next(iter((quote or source).values()))
            if mark.opens_line:
                continue  # a quotation of several paragraphs opens anew in each
            here = (mark.start, mark.end) if quote else (self._quote.ends[one],) * 2
            there = (mark.start, mark.end) if source else (self._source.ends[other],) * 2
            found.append(QuoteDifference(Kind.MARKS, *here, *there))
        return found

    def _next_to_each_other(self, one: int, next_one: int, other: int, next_other: int) -> bool:
        quote, source = self._quote.words_before, self._source.words_before
        return quote[next_one] - quote[one] == 1 and source[next_other] - source[other] == 1

    def _blocks(self, pairs: Sequence[Pair]) -> Iterator[_Block]:
        """What is not the same, from the beginning of the quotation to its end."""
        leading, trailing = (0, pairs[0][0]), (pairs[-1][0] + 1, len(self._quote))
        if leading[1]:
            yield _Block(leading, self._beside(leading, pairs[0][1], -1))
        for (one, other), (next_one, next_other) in itertools.pairwise(pairs):
            if next_one - one > 1 or next_other - other > 1:
                yield _Block((one + 1, next_one), (other + 1, next_other))
        if trailing[0] < trailing[1]:
            yield _Block(trailing, self._beside(trailing, pairs[-1][1] + 1, 1))

    def _beside(self, quote: Span, place: int, step: int) -> Span:
        """What stands in the source where the quotation has other words at an end: as many words of the sentence."""
        words = sum(map(is_word, self._quote.keys[slice(*quote)]))
        end = place
        while words:
            position = end if step > 0 else end - 1
            if not 0 <= position < len(self._source) or self._source.keys[position] in _SENTENCE_ENDS:
                break
            after = position if step > 0 else position + 1
            if after < len(self._source) and self._paragraph_ends(after):
                break
            words -= is_word(self._source.keys[position])
            end += step
        return (place, end) if step > 0 else (end, place)

    def _of_block(self, block: _Block) -> Iterator[QuoteDifference]:
        quote, source = block.quote, block.source
        joint = next((one for one in self._joints if quote[0] <= one.first and one.last <= quote[1]), None)
        if joint is not None and not self._words(self._quote, (quote[0], joint.first)) + self._words(
            self._quote, (joint.last, quote[1])
        ):
            yield from self._of_joint(block, ellipsis=joint.ellipsis)
            return
        ours, theirs = self._words(self._quote, quote), self._words(self._source, source)
        if not ours and not theirs:
            if not self._is_last_mark(block):
                yield self._difference(self._of_signs(block), quote, source)
        elif len(ours) == len(theirs):
            yield from self._of_words_each(ours, theirs)
        else:
            span = (ours[0], ours[-1] + 1) if ours else (quote[0], quote[0])
            other = (theirs[0], theirs[-1] + 1) if theirs else (source[0], source[0])
            yield self._difference(self._of_words(ours, theirs), span, other)

    def _of_joint(self, block: _Block, *, ellipsis: bool) -> Iterator[QuoteDifference]:
        """An ellipsis, told apart by what it leaves out, or an insertion in brackets."""
        left_out = self._words(self._source, block.source)
        if not ellipsis:
            yield self._difference(Kind.INSERTED, block.quote, block.source)
            return
        if not left_out:
            if block.quote[0] and block.quote[1] < len(self._quote):
                yield self._difference(Kind.PUNCTUATION, block.quote, block.source)
            return
        joined = self._ends_a_sentence(block.source)
        yield self._difference(Kind.JOINED if joined else Kind.ELLIPSIS, block.quote, block.source)
        if not joined:
            for place in left_out:
                if is_negation(self._source.keys[place]):
                    after = (block.quote[1], block.quote[1])
                    yield self._difference(Kind.NEGATION_DROPPED, after, (place, place + 1))

    def _of_words_each(self, ours: Sequence[int], theirs: Sequence[int]) -> Iterator[QuoteDifference]:
        """As many words as the source has: each is beside its own, and neighbours of one kind are told together."""
        kinds = []
        for one, other in zip(ours, theirs, strict=True):
            here, there = self._quote.keys[one], self._source.keys[other]
            kinds.append(None if here == there else self._of_words([one], [other]))
        places = list(zip(ours, theirs, strict=True))
        for kind, group in itertools.groupby(range(len(kinds)), key=lambda number: kinds[number]):
            if kind is None:
                continue
            numbers = list(group)
            (first, other_first), (last, other_last) = places[numbers[0]], places[numbers[-1]]
            yield self._difference(kind, (first, last + 1), (other_first, other_last + 1))

    def _of_words(self, ours: Sequence[int], theirs: Sequence[int]) -> Kind:
        """The gravest thing that can be said of words which stand for others, or for none."""
        quote = [self._quote.keys[place] for place in ours]
        source = [self._source.keys[place] for place in theirs]
        negations = sum(map(is_negation, quote)) - sum(map(is_negation, source))
        if not negations and len(quote) == len(source) == 1 and negates(quote[0], source[0]):
            negations = len(quote[0]) - len(source[0])
        if negations:
            return Kind.NEGATION_ADDED if negations > 0 else Kind.NEGATION_DROPPED
        if not quote or not source:
            return Kind.ADDED if quote else Kind.DROPPED
        if Counter(filter(is_number, quote)) != Counter(filter(is_number, source)):
            return Kind.NUMBER
        if " ".join(quote).casefold() == " ".join(source).casefold():
            return Kind.CAPITAL
        named = [self._is_name(self._quote, place) for place in ours], [self._is_name(self._source, p) for p in theirs]
        return Kind.NAME if all(map(any, named)) else Kind.CHANGED

    def _of_signs(self, block: _Block) -> Kind:
        """Punctuation that differs; a sign beside a number is part of the number."""
        for folded, span in ((self._quote, block.quote), (self._source, block.source)):
            for place in range(*span):
                beside = folded.keys[max(0, place - 1) : place] + folded.keys[place + 1 : place + 2]
                if folded.keys[place] in QUANTITY_SIGNS and any(map(is_number, beside)):
                    return Kind.NUMBER
        return Kind.PUNCTUATION

    def _is_name(self, folded: FoldedText, place: int) -> bool:
        """Whether a word is a name, as far as its capital tells; at the beginning of a sentence any word has one."""
        key = folded.keys[place]
        if not self._tells_names or not key[0].isupper():
            return False
        if not self._begins_sentence(folded, place) or sum(map(str.isupper, key)) > 1:
            return True
        return any(
            self._source.keys[other] == key and not self._begins_sentence(self._source, other)
            for other in self._source.find([key])
        )

    def _begins_sentence(self, folded: FoldedText, place: int) -> bool:
        if not place or folded.keys[place - 1] in (*_SENTENCE_ENDS, "…", ":"):
            return True
        between = folded.text[folded.ends[place - 1] : folded.starts[place]]
        return "\n\n" in between or any(mark in between for mark in '“"„«')

    def _paragraph_ends(self, place: int) -> bool:
        """Whether a paragraph of the source ends before a token."""
        return place > 0 and "\n\n" in self._source.text[self._source.ends[place - 1] : self._source.starts[place]]

    def _ends_a_sentence(self, source: Span) -> bool:
        """Whether what is left out reaches over the end of a sentence, or is whole sentences."""
        keys = self._source.keys
        low = max(1, source[0] - 1)
        for place in range(low, min(source[1], len(keys) - 1)):
            if keys[place] not in _SENTENCE_ENDS or keys[place + 1] in _SENTENCE_ENDS:
                continue
            before, after = keys[place - 1], keys[place + 1]
            short = keys[place] == "." and len(before) <= _LONGEST_ABBREVIATION and before[0].isupper()
            if not short and not after[0].islower():
                return True
        stretch = self._source.text[self._source.starts[source[0]] : self._source.ends[source[1] - 1]]
        return "\n\n" in stretch

    def _changed_capitals(self, pairs: Sequence[Pair]) -> Iterator[QuoteDifference]:
        """Words that differ in their case alone; the quotation's first letter, or a part's, may."""
        heads = {part[0] for part in self._quoted.parts}
        for one, other in pairs:
            here, there = self._quote.keys[one], self._source.keys[other]
            if here != there and not (one in heads and here[1:] == there[1:]):
                yield self._difference(Kind.CAPITAL, (one, one + 1), (other, other + 1))

    def _is_last_mark(self, block: _Block) -> bool:
        """Whether nothing differs but a comma or a stop at the very end, which American style allows."""
        quote = self._quote.keys[slice(*block.quote)]
        return block.quote[1] == len(self._quote) and all(key in (*_STYLE_MARKS, "…") for key in quote)

    def _with_moves(self, found: Sequence[QuoteDifference], pairs: Sequence[Pair]) -> list[QuoteDifference]:
        """Words that are missing in one place and too many in another have moved."""
        matched = {other for _, other in pairs}
        taken: set[QuoteDifference] = set()
        moved: list[QuoteDifference] = []
        for one in found:
            if one.start == one.end or one.source_start < one.source_end or one.kind not in _ADDED:
                continue
            keys = [key.casefold() for key in self._quote.keys_within(one.start, one.end)]
            place = self._unmatched(keys, matched, pairs)
            if place is None or len("".join(keys)) < _LEAST_MOVED:
                continue
            begin, end = _characters(self._source, (place, place + len(keys)))
            dropped = (other for other in found if other.start == other.end and other.kind in _DROPPED)
            taken |= {one, *(other for other in dropped if begin <= other.source_start and other.source_end <= end)}
            moved.append(replace(one, kind=Kind.MOVED, source_start=begin, source_end=end))
        return [one for one in found if one not in taken] + moved

    def _unmatched(self, keys: Sequence[str], matched: set[int], pairs: Sequence[Pair]) -> int | None:
        """Where a row of words stands near what was matched, none of them matched with anything itself."""
        low, high = max(0, pairs[0][1] - _NEARBY), min(len(self._source), pairs[-1][1] + _NEARBY)
        given = [key.casefold() for key in self._source.keys[low:high]]
        for place in range(len(given) - len(keys) + 1):
            row = range(low + place, low + place + len(keys))
            if given[place : place + len(keys)] == keys and not any(position in matched for position in row):
                return low + place
        return None

    def _words(self, folded: FoldedText, span: Span) -> list[int]:
        return [place for place in range(*span) if is_word(folded.keys[place])]

    def _difference(self, kind: Kind, quote: Span, source: Span) -> QuoteDifference:
        return QuoteDifference(kind, *self._quoted.characters(*quote), *_characters(self._source, source))


def _characters(folded: FoldedText, span: Span) -> Span:
    """The characters of a row of tokens; where it is empty, the place behind what stands before."""
    if span[0] < span[1]:
        return folded.starts[span[0]], folded.ends[span[1] - 1]
    place = folded.ends[span[0] - 1] if span[0] else 0
    return place, place
