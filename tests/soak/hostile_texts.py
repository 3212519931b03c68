"""Hostile files in formats that are text: each name stands for a file made to break its reader."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from .hostile_seeds import SEEDS, page, paragraphs

Make = Callable[[Random], bytes]


def _html(body: str) -> bytes:
    return f"<!doctype html><html><head><title>T</title></head><body>{body}</body></html>".encode()


def _deep(tag: str, depth: int) -> bytes:
    return _html(f"<{tag}>" * depth + "Deep inside stands one sentence." + f"</{tag}>" * depth)


def _unclosed(tag: str, count: int) -> bytes:
    return _html("".join(f"<{tag}>A word {number}. " for number in range(count)))


def _mixed(random: Random) -> bytes:
    """Paragraphs of which each is in another encoding."""
    encodings = ["utf-8", "cp1252", "utf-16", "utf-16-be", "shift_jis", "koi8-r", "utf-32", "cp037"]
    random.shuffle(encodings)
    text = "Žilina’s café — “naïve” costs 5 €. Привет. 日本語。"
    return b"\n\n".join(text.encode(name, "replace") for name in encodings)


def _nested_parts(depth: int) -> bytes:
    lines = ["From: a@example.org", "Subject: Nested", "Date: Tue, 05 Mar 2024 10:00:00 +0000", "MIME-Version: 1.0"]
    for number in range(depth):
        lines += [f'Content-Type: multipart/mixed; boundary="b{number}"', "", f"--b{number}"]
    lines += ["Content-Type: text/plain", "", "In the innermost part stands one sentence."]
    return "\n".join(lines).encode()


def _nested_messages(depth: int) -> bytes:
    head = "From: a@example.org\nSubject: Nested\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n"
    return (head * depth + "From: a@example.org\n\nOne sentence.").encode()


def _many_parts(count: int) -> bytes:
    head = "From: a@example.org\nSubject: Many\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
    return (head + "--b\nContent-Type: text/html\n\n<p>One part.</p>\n" * count + "--b--\n").encode()


def _headers(random: Random) -> bytes:
    head = "From: a@example.org\nSubject: =?utf-8?q?" + "=41" * 50_000 + "?=\nDate: 99 Foo 0000\n"
    head += "".join(f"X-{number}: {random.random()}\n" for number in range(20_000))
    return (head + "Content-Type: text/plain; charset=no-such\n\nOne sentence of a message.").encode()


def _addresses(_: Random) -> bytes:
    return ("From: " + "(" * 20_000 + "a@example.org\nTo: " + "<" * 20_000 + "\nSubject: S\n\nOne sentence.").encode()


def _bad_mail(random: Random) -> bytes:
    kind = random.choice(["base64", "quoted-printable", "x-uuencode", "8bit"])
    head = f"From: a@b\nSubject: =?x?z?{'?' * 50}?=\nMIME-Version: 1.0\nContent-Type: text/plain; charset*0=\n"
    return f"{head}Content-Transfer-Encoding: {kind}\nDate: Tue, 99 Mar 99999 25:61:61\n\n".encode() + random.randbytes(
        3000
    )


def _json_lines(random: Random) -> bytes:
    text = " ".join(paragraphs("Jersey"))
    lines = [
        "[" * 100_000,
        '{"text":' * 20_000,
        json.dumps({"text": text, "date": 10**400}),
        '{"text": "' + "\\ud800" * 50 + ' One sentence.", "title": "\\udfff"}',
        '{"text": ' + "9" * 20_000 + "}",
        '{"text": NaN, "title": Infinity}',
        json.dumps({"text": text, "id": "\n\x1b[31m\u202e" * 20, "url": "http://[::1"}),
        json.dumps({"text": [text, None, {"text": text}], "title": [[[[[]]]]], "author": {"name": {"name": 1}}}),
        '"only words"',
        "null",
        "{",
        "\0" * 500,
    ]
    random.shuffle(lines)
    return "\n".join([json.dumps({"title": "First", "text": text}), *lines]).encode("utf-8", "surrogatepass")


def _table(random: Random) -> bytes:
    rows = [
        'title,text,"da""te"',
        'One,"A sentence.\nAnother one.",2024-13-45',
        "Two," + "x" * 3_000_000,
        "Three",
        "Four," + "," * 50_000,
        "\0Five\0,Text with zeros.\0,",
        'Six,"never closed ' + "and on and on\n" * random.randrange(2000),
    ]
    return "\n".join(rows).encode() + random.randbytes(200)


def _cue_lines(point: str) -> bytes:
    cues = [
        f"99:99:99{point}999 --> 00:00:00{point}000\n" + "<c.a>" * 20_000 + "One sentence.",
        f"00:00:01{point}000 --> 00:00:02{point}000\n{{\\an8" * 500,
        f"00:00:01{point}000 --> --> -->\n\n",
        f"999999999:00:01{point}000 --> 999999999:00:02{point}000\n[" + "noise " * 5000,
    ]
    return "\n\n".join(["WEBVTT" if point == "." else "1", *cues, *cues]).encode()


def _rich(body: str) -> Make:
    return lambda _: ("{\\rtf1\\ansi\\ansicpg1252 " + body + "}").encode("latin-1", "replace")


def _laughs(_: Random) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return (
        f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY l0 "lol">{entities}]>'
        "<html xmlns='http://www.w3.org/1999/xhtml'><head><title>T</title></head><body><p>&l9;</p>"
        "<p>One sentence stands beside the laughter.</p></body></html>"
    ).encode()


def _outside(_: Random) -> bytes:
    return (
        b'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<html><body><p>One sentence and &x; beside it.</p></body></html>"
    )


def _laughing_yaml(_: Random) -> bytes:
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    return ("---\ntitle: *a11\n" + "\n".join([*lines, "author: *a11", "date: [*a11, *a11]"]) + "\n---\nOne.\n").encode()


def _markdown(text: str) -> Make:
    return lambda _: f"# A title\n\n{text}\n\nOne sentence at the end.\n".encode()


def _binary(magic: bytes) -> Make:
    return lambda random: magic + random.randbytes(5000)


TEXTS: dict[str, tuple[str, Make]] = {
    "deep-divs": (".html", lambda _: _deep("div", 100_000)),
    "deep-fonts": (".html", lambda _: _deep("font", 100_000)),
    "deep-tables": (".html", lambda _: _deep("table><tr><td", 20_000)),
    "deep-lists": (".html", lambda _: _deep("ul><li", 20_000)),
    "unclosed-bold": (".html", lambda _: _unclosed("b", 50_000)),
    "unclosed-quotes": (".html", lambda _: _unclosed("blockquote", 20_000)),
    "unclosed-links": (".html", lambda _: _unclosed("a href='x'", 50_000)),
    "many-attributes": (".html", lambda _: _html("<p " + "".join(f"a{n}=1 " for n in range(100_000)) + ">One.</p>")),
    "long-comment": (".html", lambda _: _html("<p>One sentence.</p><!--" + "-" * 5_000_000)),
    "open-script": (".html", lambda _: _html("<p>One sentence.</p><script>" + "var a;" * 500_000)),
    "character-flood": (".html", lambda _: _html("<p>" + "&amp;&#120;&nbsp;" * 300_000 + "</p>")),
    "bad-characters": (".html", lambda _: _html("<p>" + "&#xD800;&#0;&#x110000;&nosuch;" * 5000 + "One.</p>")),
    "many-cells": (".html", lambda _: _html("<table><tr>" + "<td>a" * 200_000 + "</table>")),
    "broken-lines": (".html", lambda _: _html("<p>" + "word<br>" * 200_000 + "</p>")),
    "long-title": (".html", lambda _: f"<html><title>{'title ' * 500_000}</title><p>One sentence.".encode()),
    "json-ld": (".html", lambda _: _html('<script type="application/ld+json">' + "[" * 100_000 + "</script><p>One.")),
    "metadata-flood": (".html", lambda _: _html("<meta property='article:author' content='A'>" * 50_000 + "<p>One.")),
    "no-such-charset": (".html", lambda _: b"<html><meta charset=rot13><p>One sentence.</p>"),
    "frames-in-frames": (".html", lambda _: _html("<iframe srcdoc='" * 5000 + "<p>One sentence.")),
    "billion-laughs": (".html", _laughs),
    "billion-laughs-xhtml": (".xhtml", _laughs),
    "outside-entity": (".html", _outside),
    "mixed-encodings": (".txt", _mixed),
    "mixed-encodings-md": (".md", _mixed),
    "mixed-encodings-html": (".html", lambda random: b"<html><meta charset=utf-8><body><p>" + _mixed(random)),
    "mixed-encodings-csv": (".csv", lambda random: b"title,text\nOne,Two words\n" + _mixed(random)),
    "mixed-encodings-jsonl": (".jsonl", lambda random: SEEDS[".jsonl"]("Jersey") + _mixed(random)),
    "odd-utf16": (".txt", lambda random: ("One sentence. " * 50).encode("utf-16")[: random.randrange(50, 500) | 1]),
    "surrogates": (".txt", lambda _: ("One \ud800 sentence \udfff. " * 50).encode("utf-8", "surrogatepass")),
    "mark-and-noise": (".txt", lambda random: b"\xef\xbb\xbf" + random.randbytes(4000)),
    "utf16-noise": (".txt", lambda random: b"\xff\xfe" + random.randbytes(4001)),
    "escapes": (".txt", lambda _: ("\x1b[31m\x1b]0;title\x07 One sentence.\x9b2J " * 5000).encode()),
    "combining": (".txt", lambda _: ("A" + "\u0301\u0323" * 100_000 + " is one letter of a sentence.").encode()),
    "one-long-line": (".txt", lambda _: b"word " * 400_000),
    "one-long-word": (".txt", lambda _: b"a" * 2_000_000),
    "full-stops": (".txt", lambda _: b"a. " * 300_000),
    "many-newlines": (".txt", lambda _: b"One.\n" + b"\n \t\r" * 500_000 + b"Two."),
    "zeros": (".txt", lambda _: b"\0" * 100_000),
    "nested-parts": (".eml", lambda _: _nested_parts(10_000)),
    "nested-messages": (".eml", lambda _: _nested_messages(10_000)),
    "many-parts": (".eml", lambda _: _many_parts(10_000)),
    "many-parts-mhtml": (".mhtml", lambda _: _many_parts(10_000)),
    "nested-parts-mhtml": (".mhtml", lambda _: _nested_parts(10_000)),
    "header-flood": (".eml", _headers),
    "bracket-addresses": (".eml", _addresses),
    "broken-mail": (".eml", _bad_mail),
    "broken-mailbox": (".mbox", lambda random: (b"From a Tue Mar  5 10:00:00 2024\n" + _bad_mail(random)) * 20),
    "mailbox-of-nothing": (".mbox", lambda _: b"From a Tue Mar  5 10:00:00 2024\n\n" * 5000),
    "rows-of-all-kinds": (".jsonl", _json_lines),
    "table-of-all-kinds": (".csv", _table),
    "huge-field": (".csv", lambda _: b'title,text\nOne,"' + b"word " * 6_000_000 + b'"\n'),
    "huge-field-many-lines": (".csv", lambda _: b'title,text\nOne,"' + b"a line of it\n" * 5_000_000),
    "many-columns": (".csv", lambda _: b",".join(b"c%d" % number for number in range(300_000)) + b"\na,b\n"),
    "same-columns": (".csv", lambda _: b"text,text,Text,TEXT\nOne,two,three,four\n"),
    "table-of-zeros": (".tsv", lambda _: b"title\ttext\n" + b"\0" * 200_000),
    "cues": (".vtt", lambda _: _cue_lines(".")),
    "cues-srt": (".srt", lambda _: _cue_lines(",")),
    "braces": (".rtf", _rich("{" * 200_000 + "One sentence." + "}" * 200_000)),
    "negative-binary": (".rtf", _rich("\\bin-5 One \\bin999999999 sentence.")),
    "bad-numbers": (
        ".rtf",
        _rich("\\u-99999999 \\u9999999999999 \\uc99999 \\'zz \\ansicpg99999 \\f99999 One."),
    ),
    "font-flood": (".rtf", _rich("{\\fonttbl" + "{\\f1\\fcharset128 A;}" * 100_000 + "} One sentence.")),
    "backslashes": (".rtf", _rich("\\" * 500_001 + " One sentence.")),
    "hyperlinks": (".rtf", _rich('{\\field{\\*\\fldinst{HYPERLINK "x' * 10_000 + "One sentence.")),
    "laughing-yaml": (".md", _laughing_yaml),
    "deep-yaml": (".md", lambda _: b"---\ntitle: " + b"[" * 9_000 + b"\n---\nOne sentence.\n"),
    "deep-quotes": (".md", _markdown(">" * 20_000 + " deep")),
    "brackets": (".md", _markdown("[" * 50_000)),
    "brackets-and-more": (".md", _markdown("![[](" * 20_000)),
    "stars": (".md", _markdown("*a **a " * 20_000)),
    "backticks": (".md", _markdown(" ".join("`" * number for number in range(1, 700)))),
    "references": (".md", _markdown("".join(f"[a{n}]: x\n" for n in range(20_000)) + "[a1] " * 20_000)),
    "deep-list": (".md", _markdown("\n".join(" " * number + "- a" for number in range(2000)))),
    "tables": (".md", _markdown("|" * 20_000 + "\n" + "-|" * 20_000 + "\n" + "a|" * 20_000)),
    "html-in-markdown": (".md", _markdown("<div>" * 50_000 + "<![CDATA[ <!x " * 1000)),
    "picture-as-text": (".txt", _binary(b"\x89PNG\r\n\x1a\n")),
    "program-as-table": (".csv", _binary(b"\x7fELF\x02\x01\x01")),
    "sound-as-page": (".html", _binary(b"ID3\x04")),
    "old-word": (".docx", _binary(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    "page-in-frames": (".html", lambda _: page("Frame").replace("<article>", "<table>" * 300).encode()),
}
"""Suffix and maker of each."""
