"""Languages: found out when an article is added, kept, and used for its sentences."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from index_support import only

from index import ArticleIndex, HashingEmbedder
from index.languages import add_note, code, detected, detected_in_question
from index.paragraphs import sentence_spans
from index.passages import fingerprint, is_current, passage_spans
from index.reading import Draft
from index.settings import DEFAULT_MODEL

Write = Callable[..., Path]
TEXTS = {
    "en": "The harbour authority said on Tuesday that the old ferry terminal would be closed until the end of March.",
    "de": "Die Hafenbehörde teilte am Dienstag mit, dass das alte Fährterminal bis Ende März geschlossen bleibt.",
    "fr": "Les autorités portuaires ont annoncé mardi que l'ancien terminal des ferries resterait fermé jusqu'en mars.",
    "es": "La autoridad portuaria anunció el martes que la antigua terminal permanecerá cerrada hasta fines de marzo.",
    "it": "L'autorità portuale ha annunciato martedì che il vecchio terminal dei traghetti resterà chiuso a marzo.",
    "pt": "A autoridade portuária anunciou na terça-feira que o antigo terminal ficará fechado até ao fim de março, e "
    "que não há outra solução para os passageiros.",
    "nl": "De havenautoriteit zei dinsdag dat de oude veerterminal tot eind maart gesloten blijft voor reparaties.",
    "sv": "Hamnmyndigheten sade på tisdagen att den gamla färjeterminalen kommer att vara stängd till slutet av mars.",
    "pl": "Zarząd portu poinformował we wtorek, że stary terminal promowy będzie zamknięty do końca marca.",
    "ru": "Администрация порта сообщила во вторник, что старый паромный терминал будет закрыт до конца марта.",
    "tr": "Liman idaresi salı günü yaptığı açıklamada, eski feribot terminalinin mart sonuna kadar kapalı kalacağını "
    "söyledi.",
    "el": "Η λιμενική αρχή ανακοίνωσε την Τρίτη ότι ο παλιός σταθμός θα παραμείνει κλειστός έως το τέλος Μαρτίου.",
    "ar": "قالت هيئة الميناء يوم الثلاثاء إن محطة العبارات القديمة ستغلق لإجراء إصلاحات حتى نهاية مارس.",
    "hi": "बंदरगाह प्राधिकरण ने मंगलवार को कहा कि पुराना नौका टर्मिनल मार्च के अंत तक बंद रहेगा।",
    "zh": "港务局星期二表示，旧渡轮码头将因维修关闭至三月底，乘客应改用北码头。",
    "ja": "港湾当局は火曜日、古いフェリーターミナルは修理のため三月末まで閉鎖されると発表した。",
}
SENTENCES = {
    "de": [
        "Der Bundestag tagte am 3. Oktober in Berlin.",
        "Dr. Müller sagte, z. B. die Steuern müssten sinken.",
        "Ja?",
    ],
    "es": ["El Sr. García llegó a las 10.30 de la mañana.", "¿Quién lo dijo?", "¡Nadie lo sabe!"],
    "fr": ["M. Dupont est arrivé à 10 h.", "« Nous partons. »", "Il a quitté la salle."],
    "ru": ["В 2020 г. компания заработала 5 млн руб. и закрыла завод.", "Об этом сообщил А. С. Иванов.", "Кто это?"],
    "pl": ["W 2020 r. firma zarobiła 5 mln zł.", "Prof. Nowak powiedział, że tak.", "Kto to zrobił?"],
    "el": ["Ο κ. Παπαδόπουλος έφτασε στις 10 π.μ. στην Αθήνα.", "Ποιος το είπε;", "Κανείς δεν ξέρει."],
    "ar": ["قال الوزير إن الميناء مغلق.", "من أغلق الميناء؟", "لا أحد يعرف."],
    "hi": ["मंत्री ने कहा कि बंदरगाह बंद है।", "किसने बंद किया?", "कोई नहीं जानता।"],
    "zh": ["部长说港口关闭了。", "谁关闭了港口？", "没有人知道！"],
    "ja": ["大臣は港が閉鎖されたと述べた。", "誰が閉鎖したのか。"],
}


@pytest.mark.parametrize("language", TEXTS)
def test_a_sentence_of_news_tells_its_language(language: str) -> None:
    assert detected(TEXTS[language]) == language


@pytest.mark.parametrize("text", ["", "IBM 12 1/2 13 +1/4", "42", "Shr 52 cts vs 41 cts Net 4,921,601 vs 3,157,070"])
def test_a_table_has_no_language(text: str) -> None:
    assert detected(text) is None


def test_capitals_are_no_language_of_their_own() -> None:
    assert detected(TEXTS["en"].upper()) == "en"


@pytest.mark.parametrize(
    ("declared", "expected"),
    [("pt-BR", "pt"), ("EN", "en"), ("de_DE.UTF-8", "de"), ("english", None), ("", None), (None, None), ("x", None)],
)
def test_declared_languages_become_two_letters(declared: str | None, expected: str | None) -> None:
    assert code(declared) == expected


def test_the_language_is_stored_and_a_declared_one_believed(index: ArticleIndex, write: Write, articles: Path) -> None:
    for language in ("de", "ru", "en"):
        write(f"{language}.txt", f"{language}\n\n{TEXTS[language]}\n")
    report = index.add(articles)
    assert {article.title: article.language for article in index.articles()} == {"de": "de", "ru": "ru", "en": "en"}
    assert index.add(articles).unchanged == report.added
    assert index.verify().whole


@pytest.mark.parametrize("language", SENTENCES)
@pytest.mark.parametrize("newline", [False, True])
def test_sentences_follow_the_language(language: str, newline: bool) -> None:
    apart = "" if language in ("zh", "ja") else "\n" if newline else " "
    text = apart.join(SENTENCES[language])
    spans = sentence_spans(f"xx{text}", (2, 2 + len(text)), 900, language)
    assert [f"xx{text}"[start:end] for start, end in spans] == SENTENCES[language]


def test_english_passages_and_their_fingerprint_are_as_before() -> None:
    text = "It was Dr. Smith. He said: “We go. We stay.” The U.S. Senate met at 10 a.m. on Friday.\n\nNobody came.\n"
    assert passage_spans(text, "") == passage_spans(text, "", language="en")
    assert fingerprint() == fingerprint("en")
    assert "/nupunkt-" in fingerprint()
    assert "/sentencex-" in fingerprint("de") == fingerprint("zh")
    assert is_current(fingerprint())
    assert is_current(fingerprint("de"))
    assert not is_current("passages-1/nupunkt-0.1/450-900")


def test_an_articles_sentences_are_those_of_its_language(index: ArticleIndex, write: Write, articles: Path) -> None:
    write("a.txt", "Nachrichten\n\n" + TEXTS["de"] + " " + " ".join(SENTENCES["de"]) + "\n")
    index.add(articles)
    article = only(index)
    (passage, *_) = index.passages(index.passage_ids([article.id]).tolist()).values()
    sentences = [article.text[start:end] for start, end in passage.sentences]
    assert sentences[-3:] == SENTENCES["de"]


def test_long_text_without_spaces_is_cut() -> None:
    text = "港" * 2500
    spans = sentence_spans(text, (0, len(text)), 900, "zh")
    assert max(end - start for start, end in spans) <= 900
    assert "".join(text[start:end] for start, end in spans) == text


def test_another_language_is_said_once_and_names_the_setting() -> None:
    notes: list[str] = []
    for language in ("en", None, "de", "fr"):
        add_note(notes, Draft(f"In {language}", "x", language=language), DEFAULT_MODEL)
    assert len(notes) == 1
    assert "'In de'" in notes[0]
    assert "PULLQUOTE_MODEL=paraphrase-multilingual-MiniLM-L12-v2" in notes[0]
    add_note(other := [], Draft("In de", "x", language="de"), "a multilingual model")
    assert other == []


@pytest.mark.model
def test_adding_a_german_article_with_the_default_model_says_so(tmp_path: Path, write: Write, articles: Path) -> None:
    write("a.txt", f"Hafen\n\n{TEXTS['de']}\n")
    write("b.txt", f"Port\n\n{TEXTS['fr']}\n")
    with ArticleIndex.open(tmp_path / "index") as index:
        assert len([note for note in index.add(articles).notes if "PULLQUOTE_MODEL" in note]) == 1
    with ArticleIndex.open(tmp_path / "other", embedder=HashingEmbedder()) as index:
        assert index.add(articles).notes == []


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Wer hat das Fährterminal geschlossen?", "de"),
        ("Кто закрыл паромный терминал?", "ru"),
        ("Qui a fermé le terminal des ferries ?", None),  # no article is in French
        ("Who won?", None),
        ("Sheinbaum inflation", None),
        ("coup d'état in Niger", None),
    ],
)
def test_a_questions_language_is_told_only_when_sure(question: str, expected: str | None) -> None:
    assert detected_in_question(question, {"en", "de", "ru"}) == expected
    assert detected_in_question(question, {"en"}) is None
