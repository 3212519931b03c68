"""``pullquote chat``: a conversation in the terminal, with its history, its sources and an export."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .command_support import opened
from .options import IndexOption, StrictnessOption

if TYPE_CHECKING:
    from rich.console import Console

    from index import ArticleIndex
    from qa import Chat, Quote

HELP = """\
Ask in your own words; a follow-up such as “And when?” is understood.
A line that ends in \\ goes on in the next one; at a keyboard Alt-Enter begins a new line too.
  /sources       the articles quoted so far
  /open N        quote N of the last answer in its article
  /export FILE   the conversation as .md, .html or .json
  /new           begin anew: what follows is no follow-up
  /quit          end; Ctrl-D does too"""
_FORMS = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".json": "json"}
_AROUND = 1
"""Paragraphs that are shown before and after the one with the quote."""


def chat(strictness: StrictnessOption = None, index: IndexOption = None) -> int:
    """Asks and answers in the terminal until Ctrl-D: follow-ups, the sources, and an export at the end.

    Questions can come through a pipe as well, one a line. `/help` tells what else can be typed.
    """
    from .terminal import console_for

    with opened(index) as articles:
        from qa import Chat
        from qa.confidence import calibration

        calibration().bar(strictness)  # a wrong name is told before the first question
        conversation = _Conversation(articles, Chat(articles), console_for(sys.stdout), strictness)
        for line in _lines():
            if not conversation.take(line):
                break
    return 0


def _lines() -> Iterator[str]:
    """What is typed, question by question; a line that ends in a backslash goes on in the next one."""
    read = _keyboard() if sys.stdin.isatty() and sys.stdout.isatty() else sys.stdin.readline
    while line := read():
        while line.rstrip("\n").endswith("\\") and (more := read()):
            line = line.rstrip("\n").removesuffix("\\") + "\n" + more
        if line.strip():
            yield line.strip()


def _keyboard() -> Callable[[], str]:
    """Reads at a keyboard, with editing and the questions so far at the arrow keys; the empty text is the end."""
    from prompt_toolkit import PromptSession
    from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent

    keys = KeyBindings()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    session: PromptSession[str] = PromptSession("? ", key_bindings=keys, prompt_continuation="  ")
    print("Ask about your articles. /help tells what else can be typed; Ctrl-D ends.")

    def read() -> str:
        while True:
            try:
                return session.prompt() + "\n"
            except KeyboardInterrupt:  # takes back what was being typed
                continue
            except EOFError:
                return ""

    return read


class _Conversation:
    """The chat, and what can be done with it."""

    def __init__(self, index: ArticleIndex, chat: Chat, console: Console, strictness: str | None) -> None:
        self._index = index
        self._chat = chat
        self._console = console
        self._strictness = strictness
        self._commands: dict[str, Callable[[str], object]] = {
            "/help": lambda _: self._say(HELP),
            "/sources": lambda _: self._sources(),
            "/open": self._open,
            "/export": self._export,
            "/new": lambda _: self._new(),
        }

    def take(self, line: str) -> bool:
        """Answers a question or does what a command says. Returns whether the conversation goes on."""
        from index import QuestionError

        name, _, rest = line.partition(" ")
        if name in ("/quit", "/exit"):
            return False
        if name.startswith("/") and name[1:].isalpha():
            command = self._commands.get(name)
            if command is None:
                self._say(f"There is no {name}; /help tells what there is.")
            else:
                command(rest.strip())
        else:
            try:
                self._ask(line)
            except QuestionError as error:
                self._say(str(error))
            except KeyboardInterrupt:
                self._say("Stopped.")
        sys.stdout.flush()
        return True

    def _ask(self, question: str) -> None:
        from .as_json import answer_json
        from .terminal import show_answer

        show_answer(self._console, answer_json(self._chat.ask(question, threshold=self._strictness)))
        self._console.print()

    def _new(self) -> None:
        self._chat.turns = ()
        self._say("A new conversation.")

    def _quotes(self) -> list[Quote]:
        return [quote for turn in self._chat.turns for quote in turn.answer.quotes]

    def _sources(self) -> None:
        from .terminal import place

        articles = {quote.article.id: quote.article for quote in self._quotes()}
        if not articles:
            self._say("Nothing has been quoted yet.")
        for number, article in enumerate(articles.values(), 1):
            known = (article.title, article.published, article.author, place(article.source))
            self._say(f"{number}. " + " · ".join(str(value) for value in known if value))

    def _open(self, which: str) -> None:
        quotes = self._chat.turns[-1].answer.quotes if self._chat.turns else ()
        if not quotes:
            self._say("The last answer has no quotes to open.")
        elif not which.isdecimal() or not 1 <= int(which) <= len(quotes):
            self._say(f"Which quote? Give a number from 1 to {len(quotes)}, such as /open 1.")
        else:
            self._show(quotes[int(which) - 1])

    def _show(self, quote: Quote) -> None:
        """A quote in its article; only when the article is still the one that it was cut from."""
        from rich.text import Text

        from .marking import plain, visible
        from .terminal import place

        article = self._index.article(quote.article.id)
        if article is None or article.sha256 != quote.sha256:
            self._say("The source has changed since it was quoted; ask again.")
            return
        start, end = _surroundings(article.text, quote.start, quote.end)
        text = Text(visible(article.text[start : quote.start]), "dim")
        text.append(visible(article.text[quote.start : quote.end]), "not dim bold")
        text.append(visible(article.text[quote.end : end]))
        where = "" if quote.page is None else f" · page {quote.page}"
        self._console.print(Text(plain(article.title), "bold"))
        self._console.print(Text(plain(f"{place(article.source)}{where}"), "dim"))
        self._console.print(text)

    def _export(self, name: str) -> None:
        from .exporting import chat_export, write_export

        path = Path(name).expanduser()
        form = _FORMS.get(path.suffix.lower())
        if form is None or not name:
            self._say("Give a file that ends in .md, .html or .json, such as /export conversation.md.")
            return
        if not self._chat.turns:
            self._say("There is nothing to export yet.")
            return
        written = write_export(chat_export(self._chat.turns[0].question, self._chat.turns), form)
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(written.text)
        except FileExistsError:
            self._say(f"{name} is there already; give another name.")
        except OSError as error:
            self._say(f"{name} cannot be written: {error.strerror or error}")
        else:
            count = len(self._chat.turns)
            self._say(f"{count:,} question{'' if count == 1 else 's'} and what was answered: {name}")

    def _say(self, line: Any) -> None:
        from rich.text import Text

        from .marking import visible

        self._console.print(Text(visible(str(line))), soft_wrap=True)


def _surroundings(text: str, start: int, end: int) -> tuple[int, int]:
    """The paragraphs around a stretch of text, and those beside them."""
    for _ in range(_AROUND + 1):
        start = max(0, text.rfind("\n\n", 0, max(0, start - 2)))
        found = text.find("\n\n", end + 2)
        end = len(text) if found < 0 else found
    return start + (2 if text.startswith("\n\n", start) else 0), end
