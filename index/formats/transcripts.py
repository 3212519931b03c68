"""Transcripts (SubRip and WebVTT): the words of the cues as sentences and paragraphs, with speakers, without times."""

from __future__ import annotations

import html
import io
import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from ..errors import SourceError
from ..reading import Draft, decode, draft_from_text, normalise

if TYPE_CHECKING:
    from webvtt import Caption

_PAUSE = 2.5
"""Seconds without words after which a sentence that has ended ends its paragraph."""
_PARAGRAPH = 700
"""Characters from which a paragraph ends with its next sentence."""
_ENDED = re.compile(r"[.!?…。！？][\"'’”»)\]]*$")
_TURN = re.compile(r"(?:>>+|&gt;&gt;)\s*")
_SPEAKER = re.compile(r"[A-ZÀ-Þ][\w.'’\-]*(?: [\w.'’\-]+){0,4}:(?=\s)")
_SOUND = re.compile(r"[\[(♪][^\])]{0,60}[\])♪]|♪+")
_POINTS = re.compile(r"(?m)^(\d{1,3}:\d\d:\d\d)\.(\d{1,3}) *--> *(\d{1,3}:\d\d:\d\d)\.(\d{1,3})")
_MARKUP = re.compile(r"\{\\[^}]{0,100}\}|</?[a-z][^>]{0,200}>", re.IGNORECASE)


@dataclass(slots=True)
class _Paragraph:
    speaker: str | None
    words: str = ""


def read_srt(source: str, data: bytes) -> Draft:
    """A transcript in SubRip's format."""
    return _read(source, data, "srt")


def read_vtt(source: str, data: bytes) -> Draft:
    """A transcript in WebVTT, where a cue may name its speaker."""
    return _read(source, data, "vtt")


def _read(source: str, data: bytes, kind: str) -> Draft:
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    text = normalise(decode(source, data))
    if kind == "srt":
        # Some programs write points for the commas in its times.
        text = _POINTS.sub(r"\1,\2 --> \3,\4", text)
    try:
        captions = webvtt.from_buffer(io.StringIO(text), format=kind).captions
    except (MalformedFileError, MalformedCaptionError, ValueError, IndexError) as error:
        raise SourceError(source, "is a transcript that is damaged, and could not be read") from error
    body = "\n\n".join(_written(paragraph) for paragraph in _paragraphs(captions))
    return draft_from_text(source, normalise(body), _title(source, text if kind == "vtt" else ""))


def _paragraphs(captions: list[Caption]) -> list[_Paragraph]:
    found: list[_Paragraph] = []
    ended_at = 0.0
    before = ""
    for caption in captions:
        speaker = caption.voice or None
        pause = caption.start_in_seconds - ended_at
        ended_at = max(ended_at, caption.end_in_seconds)
        for raw in caption.text.split("\n"):
            line, turn = _clean(raw)
            if not line or line == before:
                continue  # captions that roll up show each line twice
            before = line
            last = found[-1] if found else None
            if last is None or turn or speaker != last.speaker or _is_over(last.words, pause):
                last = _Paragraph(speaker)
                found.append(last)
            last.words = f"{last.words} {line}".strip()
            pause = 0.0
    return found


def _clean(raw: str) -> tuple[str, bool]:
    """A line's words, and whether somebody else begins to speak."""
    line = html.unescape(_MARKUP.sub("", raw)).strip()
    words = " ".join(_SOUND.sub(" ", _TURN.sub("", line)).split())
    return words, bool(_TURN.match(line)) or _SPEAKER.match(words) is not None


def _is_over(words: str, pause: float) -> bool:
    return _ENDED.search(words) is not None and (pause > _PAUSE or len(words) >= _PARAGRAPH)


def _written(paragraph: _Paragraph) -> str:
    return f"{paragraph.speaker}: {paragraph.words}" if paragraph.speaker else paragraph.words


def _title(source: str, text: str) -> str | None:
    """What stands after ``WEBVTT`` in the first line, or else the file's name: a transcript seldom has a headline."""
    stated = re.match(r"WEBVTT[ \t]+(?:-[ \t]*)?(\S.*)", text)
    if stated:
        return stated[1].strip()
    name = " ".join(re.split(r"[_\-\s]+", PurePath(source.replace("\\", "/")).stem))
    return name if sum(character.isalpha() for character in name) >= 3 else None
