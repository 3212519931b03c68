"""``write``: an answer's quotes told in a few sentences, each checked before it is given out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from qa.answer import Answer

from .asking import is_installed, reply
from .offering import Offer, offer
from .prompt import SENTENCES, messages
from .reply import LONGEST, ReplyReader, Sentence
from .settings import WriterSettings
from .written import Notice, WriterError, Written, WrittenSentence

MISSING = "The writer needs two more packages; install them with: pip install 'pullquote[writer]'"
_ALONE = "The quotes stand alone."


def write(
    answer: Answer,
    *,
    settings: WriterSettings | None,
    on_sentence: Callable[[WrittenSentence], None] | None = None,
) -> Written:
    """Has an answer's quotes told in prose; never fails, and never takes longer than the settings allow.

    Args:
        answer: what ``ask`` returned; it is not changed, and its quotes stand whatever comes of this.
        settings: where the writer is; without it, or when the answer has no quotes, nothing is sent.
        on_sentence: told each sentence as soon as it is checked.

    Returns:
        The sentences and, when something went wrong, one line about it.
    """
    sentences: list[WrittenSentence] = []
    notice: str | None = None
    for item in write_stream(answer, settings):
        if isinstance(item, Notice):
            notice = item.text
        else:
            sentences.append(item)
            if on_sentence is not None:
                on_sentence(item)
    return Written(tuple(sentences), notice, settings.model if settings is not None else None)


def write_stream(answer: Answer, settings: WriterSettings | None) -> Iterator[WrittenSentence | Notice]:
    """``write`` as a generator: each sentence once it is checked, and at the end at most one notice.

    A sentence that the quotes do not carry is given out, marked, after the first one that they do carry; when there is
    none of these, nothing is given out but the notice.
    """
    if settings is None or not answer.answered or not answer.quotes:
        return
    if not is_installed():
        yield Notice(MISSING)
        return
    given = offer(answer)
    if not given.sources:
        yield Notice(f"The quotes read like orders to a language model, so the writer was not asked. {_ALONE}")
        return
    state = _State(given, settings)
    try:
        for piece in reply(settings, messages(answer.question, given.sources)):
            for sentence in state.reader.feed(piece):
                yield from state.checked(sentence)
            if state.is_full:
                break
        else:
            for sentence in state.reader.finish():
                yield from state.checked(sentence)
    except WriterError as error:
        state.failure = str(error)
    notice = state.notice()
    if notice is not None:
        yield notice


class _State:
    """What one reply has come to so far."""

    def __init__(self, given: Offer, settings: WriterSettings) -> None:
        self.reader = ReplyReader()
        self.failure: str | None = None
        self._given = given
        self._settings = settings
        self._held: list[WrittenSentence] = []
        self._supported = self._read = 0

    @property
    def is_full(self) -> bool:
        """Whether no more of the reply is taken."""
        return self.reader.full or self._read >= SENTENCES

    def checked(self, sentence: Sentence) -> Iterator[WrittenSentence]:
        """A sentence with what the checks say of it, and those that waited for it."""
        from .checks import what_is_wrong

        if self._read >= SENTENCES:
            return
        self._read += 1
        text, numbers = sentence
        why = what_is_wrong(text, numbers, self._given.sources)
        self._supported += why is None
        self._held.append(WrittenSentence(text, numbers, why is None, why))
        if self._supported:
            drop = self._settings.drop_unsupported
            yield from [one for one in self._held if one.supported or not drop]
            self._held = []

    def notice(self) -> Notice | None:
        """What a person should know, the most important only."""
        writer = f"The writer at {self._settings.host}"
        after = "Its text ends early." if self._supported else _ALONE
        if self.failure is not None:
            return Notice(f"{writer} {self.failure}. {after}")
        if not self._read:
            more = f"more than {LONGEST:,} characters without a sentence" if self.reader.full else "nothing"
            return Notice(f"{writer} wrote {more}. {after}")
        wrong = self._read - self._supported
        if not self._supported:
            return Notice(f"{writer} wrote nothing that the quotes support. {_ALONE}")
        if self.reader.full:
            return Notice(f"{writer} wrote more than {LONGEST:,} characters. {after}")
        if wrong:
            what = "left out" if self._settings.drop_unsupported else "marked"
            return Notice(f"{writer} wrote {wrong} of {self._read} sentences that the quotes do not support; {what}.")
        if self._given.withheld:
            numbers = "".join(f"[{number}]" for number in self._given.withheld)
            return Notice(f"{numbers} reads like an order to a language model and was not given to the writer.")
        return None
