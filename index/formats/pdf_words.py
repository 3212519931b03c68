"""Makes one text of a paragraph's lines: words that were divided at a line's end become whole again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_DIVIDED = re.compile(r"([^\W\d_]+)-$")
_BEGINNING = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ELISION = re.compile(r"[^\W\d_]{1,2}['’][^\W\d_]")
"""What follows a hyphen of its own, as in Val-d’Ombre: no word is divided before one or two letters."""
_FIRST_PARTS = frozenset(
    "all anti award best better big blue book broad by child co cold cost cross data day deep double down early east "
    "eight ever ex far fast father fifty first five forty four free fresh front full good great ground half hand hard "
    "heavy high home hot house ill in ice job land large last late least left life light like little long loose low "
    "mass meta middle mid mother much multi near new nine ninety no non north off oil old on one open out over part "
    "post pre pro quasi quick rain record red right run safe sea second self semi seven sixty six short single slow "
    "small so social soft south state step still strong ten third thirty three time top trade twenty two under up "
    "vice war water well west white wide wind world would year young zero".split()
)
"""First parts of English compounds with a hyphen. Those that are prefixes too are settled by ``_SECOND_PARTS``."""
_SECOND_PARTS = frozenset(
    "aged backed based born bound bred built by called century chief class control day deep dependent down driven "
    "edge eight elect ended existing eyed faced five filled for four free fund funded general haired hand handed high "
    "hour house in interest known law led legged less level life like line linked long looking lived made making mark "
    "minded minute month named nine off old on one only out owned paced paid party person proof quality range rate "
    "ready related rich right rise round run running scale security seven shaped shot sized sixth six size speaking "
    "speed standing star state step story style ten term thing third thirds three tier time timer to two type up "
    "wheel white wide winning word work working worn year years".split()
)
_PREFIXES = frozenset(
    "anti by co down ex in like meta mid multi no non off on one out over part post pre pro semi so ten under up "
    "all ever for so".split()
)
"""They also begin words without a hyphen: ``over-`` and ``come`` are ``overcome``, ``over-`` and ``one`` are not."""

_OFTEN_ONE_WORD = frozenset(("in", "out", "over", "under", "up"))


class Vocabulary:
    """The words of a document; a word that stands whole somewhere tells how its divided copy is to be written."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._words: set[str] = set()
        for line in lines:
            words = _WORD.findall(line.lower())
            self._words.update(words[:-1] if line.endswith("-") else words)

    def joint(self, line: str, following: str) -> str:
        """What stands between two lines of a paragraph: a space, nothing, or nothing with the hyphen taken out.

        Returns:
            ``" "``, ``""``, or ``"-"`` where the first line's last character has to go.
        """
        if line.endswith("\u00ad"):
            return "-"
        if not line.endswith(("-", "\u2010")) or line[-2:-1] in ("", " ", "-"):
            return "" if line.endswith(("—", "/")) and line[-2:-1] not in ("", " ") else " "
        divided, beginning = _DIVIDED.search(line.replace("\u2010", "-")), _BEGINNING.match(following)
        if not divided or not beginning or not following[0].islower() or _ELISION.match(following):
            return ""
        return "-" if self._was_whole(divided[1].lower(), beginning[0].lower()) else ""

    def _was_whole(self, first: str, second: str) -> bool:
        if first + second in self._words:
            return True
        if f"{first}-{second}" in self._words:
            return False
        part = second.split("-", 1)[0]
        if first in _PREFIXES:
            return part not in _SECOND_PARTS or (first in _OFTEN_ONE_WORD and len(part) > 5)
        return not (first in _FIRST_PARTS or (part in _SECOND_PARTS and first in self._words))


def joined(lines: Sequence[str], vocabulary: Vocabulary) -> tuple[str, list[int]]:
    """The text that lines make, and where in it each of them begins."""
    text = ""
    starts: list[int] = []
    for line in lines:
        joint = vocabulary.joint(text, line) if text else ""
        if joint == "-":
            text = text[:-1]
        elif joint:
            text += joint
        starts.append(len(text))
        text += line
    return text.replace("\u00ad", ""), starts
