"""Measures what of a web page comes out as its article, and what comes out that is not the article.

    python -m benchmarks.boilerplate [--pages FOLDER]

On each page of the folder (with the expected text beside it): precision and recall of words, and the share of the
expected paragraphs that come out unchanged and in order. In the same run, the same for trafilatura with its defaults
and for the text between all tags but scripts and styles. Writes ``benchmarks/results/boilerplate.json``.
"""

from __future__ import annotations

import argparse
import email
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from index.formats.web_page import decode_page, read_html, read_mhtml

PAGES = Path(__file__).parents[1] / "tests" / "data" / "pages"
RESULT = Path(__file__).parent / "results" / "boilerplate.json"
SUFFIXES = (".html", ".mhtml")
_WORD = re.compile(r"\w+")


def ours(path: Path) -> str:
    """What this program reads."""
    read = read_mhtml if path.suffix == ".mhtml" else read_html
    return read(str(path), path.read_bytes()).text


def markup_of(path: Path) -> str:
    """The page's markup; for the others too it is taken out of a bundle and decoded, which is not what is compared."""
    data = path.read_bytes()
    if path.suffix == ".mhtml":
        parts = email.message_from_bytes(data).walk()
        payload = next(part.get_payload(decode=True) for part in parts if part.get_content_type() == "text/html")
        assert isinstance(payload, bytes)
        data = payload
    return decode_page(str(path), data)


def trafilatura_defaults(path: Path) -> str:
    """trafilatura with the settings that it comes with."""
    import trafilatura

    return trafilatura.extract(markup_of(path)) or ""


def stripped(path: Path) -> str:
    """All text that is not in a tag, a script or a style."""
    markup = re.sub(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->", " ", markup_of(path))
    return re.sub(r"<[^<>]*>", "\n", markup)


SYSTEMS: dict[str, Callable[[Path], str]] = {
    "pullquote": ours,
    "trafilatura": trafilatura_defaults,
    "tag stripper": stripped,
}


def scores(text: str, expected: str) -> dict[str, float]:
    """Precision and recall of words, each counted as often as it occurs, and paragraphs that came out as they are."""
    given, wanted = (Counter(_WORD.findall(one.casefold())) for one in (text, expected))
    shared = (given & wanted).total()
    whole, place, unchanged = " ".join(text.split()), 0, 0
    paragraphs = [" ".join(paragraph.split()) for paragraph in expected.split("\n\n")]
    for paragraph in paragraphs:
        found = whole.find(paragraph, place)
        if found >= 0:
            unchanged += 1
            place = found + len(paragraph)
    return {
        "precision": round(shared / max(1, given.total()), 4),
        "recall": round(shared / max(1, wanted.total()), 4),
        "paragraphs": round(unchanged / len(paragraphs), 4),
        "given": given.total(),
        "wanted": wanted.total(),
        "shared": shared,
    }


def measure(pages: Path) -> dict[str, dict[str, dict[str, float]]]:
    """The scores of each system on each page, and on all words of all pages together."""
    report: dict[str, dict[str, dict[str, float]]] = {}
    files = sorted(path for path in pages.iterdir() if path.suffix in SUFFIXES)
    for name, system in SYSTEMS.items():
        rows = {path.stem: scores(system(path), path.with_suffix(".txt").read_text("utf-8")) for path in files}
        shared, given, wanted = (sum(row[key] for row in rows.values()) for key in ("shared", "given", "wanted"))
        rows["overall"] = {
            "precision": round(shared / given, 4),
            "recall": round(shared / wanted, 4),
            "paragraphs": round(sum(row["paragraphs"] for row in rows.values()) / len(files), 4),
        }
        report[name] = rows
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, default=PAGES)
    report = measure(parser.parse_args().pages)
    for page in report["pullquote"]:
        cells = [
            f"{rows[page]['precision']:.3f} {rows[page]['recall']:.3f} {rows[page]['paragraphs']:.2f}"
            for rows in report.values()
        ]
        print(f"{page:16}", "   ".join(cells))
    RESULT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
