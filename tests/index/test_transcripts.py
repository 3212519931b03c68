"""Transcripts become sentences and paragraphs: speakers stay, times and markup do not."""

from __future__ import annotations

import pytest

from index import SourceError
from index.formats.transcripts import read_srt, read_vtt

VTT = """WEBVTT - A talk in the harbour

NOTE made by hand

1
00:00:00.000 --> 00:00:02.000 align:start
<v Ada Quill>The bridge opens on <b>Tuesday</b>,

2
00:00:02.000 --> 00:00:04.000
<v Ada Quill>said the mayor &amp; the council.

00:00:04.000 --> 00:00:05.000
<v Ben Ode>[laughs] Who pays for it?

00:00:05.000 --> 00:00:07.000
<v Ada Quill>We all do.
"""


def test_cues_are_joined_and_speakers_named() -> None:
    draft = read_vtt("talk.vtt", VTT.encode())
    assert draft.title == "A talk in the harbour"
    assert draft.text.split("\n\n") == [
        "Ada Quill: The bridge opens on Tuesday, said the mayor & the council.",
        "Ben Ode: Who pays for it?",
        "Ada Quill: We all do.",
    ]


@pytest.mark.parametrize("point", [",", "."])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_subtitles_with_names_and_turns_in_the_text(point: str, newline: str) -> None:
    cues = ["ADA: The bridge", "opens on <i>Tuesday</i>.", "{\\an8}>> Who pays?", "<font color=red>We do.</font>"]
    blocks = [
        f"{number}{newline}00:00:0{number}{point}000 --> 00:00:0{number}{point}900{newline}{cue}{newline}"
        for number, cue in enumerate(cues, 1)
    ]
    draft = read_srt("/talks/the_harbour-talk.srt", newline.join(blocks).encode())
    assert draft.text == "ADA: The bridge opens on Tuesday.\n\nWho pays? We do."
    assert draft.title == "the harbour talk"


def test_lines_that_roll_up_are_said_once() -> None:
    lines = ["The bridge", "The bridge\nopens today.", "opens today.\nIt rained."]
    cues = "".join(f"\n00:0{n}.000 --> 00:0{n + 1}.000\n{text}\n" for n, text in enumerate(lines))
    assert read_vtt("a.vtt", f"WEBVTT\n{cues}".encode()).text == "The bridge opens today. It rained."


def test_a_pause_and_length_make_paragraphs() -> None:
    cues = "".join(f"\n00:{n:02}.000 --> 00:{n:02}.900\nSentence {n} is said slowly here.\n" for n in range(60))
    draft = read_vtt("a.vtt", f"WEBVTT\n{cues}\n01:30.000 --> 01:31.000\nAfter a pause.\n".encode())
    paragraphs = draft.text.split("\n\n")
    assert all(600 < len(paragraph) < 800 for paragraph in paragraphs[:2])
    assert paragraphs[-1] == "After a pause."
    assert draft.text.count("Sentence") == 60


@pytest.mark.parametrize("data", [b"WEBVTT\n\n", b"WEBVTT\n\nnothing here", b"\x00\x01" * 50])
def test_a_transcript_without_words_is_one_clear_failure(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"holds no text|damaged|not text"):
        read_vtt("a.vtt", data)
