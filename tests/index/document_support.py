"""A story of its own for tests of document formats, and how to see that all of it came out in order."""

from __future__ import annotations

TITLE = "The lock keepers of Vendel"
AUTHOR = "Mara Oskarsson"

PARAGRAPHS = (
    "The canal froze in the second week of January, and nobody in Vendel had seen that since 1987. Ice as thick as a "
    "loaf of bread closed all nine locks between the harbour and the lake. “We broke it by hand,” said Per Lund, the "
    "oldest of the keepers, “every hour, all night, until our sleeves were stiff.”",
    "The waterway authority had promised heaters for the gates. They were ordered in 2019, paid for in 2021 and "
    "delivered, according to the ledger, to a warehouse that burned down the year after. Who signed for them is a "
    "question that three committees have asked and none has answered.",
    "Ice is not the only trouble. The well-known sandstone of the upper chambers is crumbling, and the characteristic "
    "green doors, photographed by every visitor, hang on hinges that were cast before the First World War. Dr. Ilse "
    "Brandt of the university measured the leak at lock four: 3.5 cubic metres an hour, twice what was tolerated.",
    "“It is an extraordinary responsibility for people who are paid like cleaners,” she said. Her report, published in "
    "March, recommends long-term contracts, a second engineer and an alarm that rings in the keeper’s own kitchen. "
    "The authority replied that it would consider the recommendations in the course of the coming budget.",
    "In the meantime the keepers help themselves. Sofia Ek, whose mother-in-law kept lock seven for forty years, has "
    "written down every repair since the winter of 1962 in school exercise books. Engineers borrow them; no computer "
    "at the authority’s headquarters in Ostra knows half as much about the underwater masonry.",
    "Freight has changed as well. Grain and timber went over to the railway long ago, but gravel, scrap and, since "
    "last autumn, the blades of wind turbines still travel by water, because no road bridge is wide enough. A single "
    "convoy carries what would fill eighty lorries. “Nobody thanks you for the lorries that are not there,” Lund said.",
    "Tourists come too, in rented boats with names like Serendipity. They arrive at noon, all together, and do not "
    "understand why a chamber needs twelve minutes to fill. Last July a family from Žilina moored inside lock two, "
    "cooked soup, and was surprised when the floor of their world sank by four metres.",
    "Not everybody wants the old locks saved. The town council’s transport committee would rather see a single lift, "
    "as in Scotland, and points to its price: €48 million, half of it from an international fund for cultural "
    "infrastructure. Opponents call the figure a misunderstanding; the lift in question has never carried gravel.",
    "A decision is expected after the summer. Until then the rule of the canal stays what it was when the first barge "
    "passed in 1874: whoever arrives first goes first, whoever carries bread goes before everybody, and nobody passes "
    "while a keeper is having coffee.",
    "On the last evening of the frost the keepers lit lanterns along the towpath, one for every year since the locks "
    "were opened. The ice answered with long, low notes, as if somebody were bowing a double bass below it. By the "
    "morning it had gone, and a tug with two barges of gravel was waiting at the lower gate.",
)
HEADINGS = {3: "What the engineers found", 7: "A lift instead"}
"""Before which paragraph a heading stands, by the paragraph's number."""


def story(times: int = 1) -> list[str]:
    """The story's paragraphs, again and again with another last sentence, so that no two are the same."""
    return [
        paragraph + (f" So they told it in part {part}." if part else "")
        for part in range(times)
        for paragraph in PARAGRAPHS
    ]


def missing(text: str, expected: list[str]) -> list[str]:
    """What of the expected paragraphs does not stand in the text, whole, on one line and after the one before it."""
    lines = text.split("\n")
    position = 0
    absent = []
    for paragraph in expected:
        try:
            position = lines.index(paragraph, position) + 1
        except ValueError:
            absent.append(paragraph)
    return absent
