"""Which sentences cannot be understood alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.leaning import Lean, leans_on
from qa.quoting_marks import speech

PERSON = """\
He said the harbour would not wait.
She climbs the two hundred and ten steps every morning.
His lawyer denied the charge.
Her Norwegian was poor when the talks began.
He’s been the keeper since 1994.
But she never agreed to sell the yard.
And he knew it.
However, he left before noon.
In 2019, he moved to Basel.
In Paris, she met the minister.
After the match, he thanked the crowd.
Asked about the price, she laughed.
Two years later, she came back.
The next morning, he was gone.
Since January, she has written nothing.
As mayor, he had promised a bridge.
“We won because we were patient,” he said.
"We won because we were patient," she said, "and lucky."
‘We won,’ he said.
'We won because we're patient,' he said.
“It was Smith who lied,” she said.
We won because we were patient,” he said.
"""
THING = """\
It also opened a second office in Ghent.
It was built in 1858 and moved to Aalborg.
It's the largest of its kind.
They refused to pay.
Their boats stayed in the harbour.
Its engines failed twice.
But it failed.
Yet they stayed.
In 1912, it sank off Skagen.
The company said on Tuesday that it would appeal.
The company’s chief executive resigned.
The new law will come into force in May.
The 26-year-old was taken to hospital.
On Monday, the company closed both plants.
The survey found that half of the residents agree.
“We are sorry,” the company said.
However, the plan was dropped.
It is a bridge that carries two hundred cars.
It is a French company that makes lamps.
"""
SENTENCE = """\
This made the treaty void.
That was in 1944.
That year, the harbour froze.
These figures were never published.
Such ships are rare.
However, no ship came.
As a result, the price rose by a third.
But the price rose by a third.
For example, two of the weights were cast again.
After that, the harbour was closed.
Despite this, half of the residents stayed.
Both were arrested.
Others stayed at home.
Neither side signed.
One of them was found in Ghent.
The latter was never found.
Then came the flood.
Instead, three dams were built.
"""
SPEAKER = """\
“We are all tired.”
"I never saw it again."
I never saw it again.”
"""
ALONE = """\
He Jiankui said that the girls were healthy.
Her Majesty opened the bridge.
They Might Be Giants played in Ghent.
This American Life was first sent in 1995.
It was Smith who said so.
It was not until 1958 that the bridge was opened.
It was the mayor, Ann Solheim, who signed.
It was Ann Solheim, the mayor, who signed.
It is unclear whether the bridge will open.
It is not known who paid.
It was widely believed that the lens was lost.
It took two hours to reach the hut.
It rained for nine days.
IT workers in Ghent went on strike.
But Smith denied it.
However, Ann Solheim said the vote was lost.
When Solheim resigned, she named no reason.
After Karen Holm retired, she stayed in the house.
Unlike Holm, he left.
According to Holm, he left.
Karen Holm may stay in the house until she retires.
The company that built the lamp is in Gothenburg.
The company Voltic built the lamp.
The University of Basel said so.
“He is a liar,” Smith said.
"He is a liar," said Smith, "and it hurts."
‘He is a liar,’ Smith said.
Smith said: “He is a liar.”
“This is the end.” Smith left.
There are forty-three species in the yard.
These days, nobody fishes there.
Those who stayed were paid.
This week, the harbour opened.
Both Smith and Jones signed.
Their Majesties were late.
He-Man sells well.
Item 5 was withdrawn.
Thistles grow in the yard.
On Monday, Smith closed both plants.
Instead of a dam, the town built a bridge.
We publish it here for the first time.
1944 was a hard winter.
"""


def cases(block: str, lean: Lean | None) -> list[tuple[str, Lean | None]]:
    return [(sentence, lean) for sentence in block.splitlines()]


@pytest.mark.parametrize(
    ("sentence", "lean"),
    [
        *cases(PERSON, Lean.PERSON),
        *cases(THING, Lean.THING),
        *cases(SENTENCE, Lean.SENTENCE),
        *cases(SPEAKER, Lean.SPEAKER),
        *cases(ALONE, None),
    ],
)
def test_what_a_sentence_leans_on(sentence: str, lean: Lean | None) -> None:
    assert leans_on(speech(sentence)) is lean


def test_a_sentence_inside_a_longer_quotation_has_a_speaker() -> None:
    assert leans_on(speech("The lamp turns by itself.", within=True)) is Lean.SPEAKER
    assert leans_on(speech("The lamp turns by itself.")) is None


def test_the_speaker_of_a_quotation_that_goes_on_comes_later() -> None:
    assert leans_on(speech("“I never saw it again.")) is None


@pytest.mark.parametrize(
    ("sentence", "outside"),
    [
        ("“We won,” he said.", "  he said."),
        ('He said: "We won" and "We are glad."', "He said:   and  "),
        ("We won,” he said.", "  he said."),
        ('We won," he said. ', "  he said. "),
        ("‘We won,’ he said.", "  he said."),
        ("The dogs' owner said 'no' to Smith's plan.", "The dogs' owner said 'no' to Smith's plan."),
        ("Rock 'n' roll's end: 'It's over,' he said.", "Rock 'n' roll's end:   he said."),
        ("«We won,» he said.", "  he said."),
        ('"We won,” he said.', "  he said."),
        ("No marks.", "No marks."),
    ],
)
def test_quotation_marks(sentence: str, outside: str) -> None:
    assert " ".join(speech(sentence).outside.split()) == " ".join(outside.split())


@given(st.text(alphabet="aB ‘’'\"“”„«».,é\n", max_size=60), st.booleans())
def test_no_text_upsets_the_marks(sentence: str, within: bool) -> None:
    said = speech(sentence, within=within)
    letters = sum(map(str.isalnum, sentence))
    assert said.inside + sum(map(str.isalnum, said.outside)) == letters
    assert said.begins_inside or not within
    leans_on(said)


@given(st.text(max_size=200))
def test_any_sentence_can_be_asked(sentence: str) -> None:
    assert leans_on(speech(sentence)) in (None, *Lean)
