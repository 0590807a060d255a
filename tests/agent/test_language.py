"""The language that an answer is asked for in."""

from __future__ import annotations

import pytest

from jupyter_oci.agent.language import answer_language, language_of
from jupyter_oci.agent.prompt import build_prompt
from jupyter_oci.events import FeedbackGiven
from jupyter_oci.request import Request

from .driving import block


@pytest.mark.parametrize(
    ("request_", "language"),
    [
        ("Welche Kategorie hat die höchsten Ausgaben?", "German"),
        ("Ersetze fehlende Werte in amount durch 0", "German"),
        ("Quelle est la dépense moyenne ?", "French"),
        ("¿Cuántas filas tiene la tabla?", "Spanish"),
        ("Quantas despesas não foram reembolsadas?", "Portuguese"),
        ("Quanti valori mancano?", "Italian"),
        ("Hoeveel rijen heeft df?", "Dutch"),
        ("Pokaż średnią kwotę na pracownika", "Polish"),
        ("Построй график продаж по месяцам", "Russian"),
        ("哪个类别的支出最高", "Chinese"),
        ("カテゴリごとの合計を表示して", "Japanese"),
        ("각 카테고리의 합계를 보여줘", "Korean"),
    ],
)
def test_a_request_in_another_language_is_told(request_, language):
    assert language_of([request_]) == language


@pytest.mark.parametrize(
    "request_",
    [
        "Which category has the highest total?",
        "Plot the total per month",
        "Drop duplicates",
        "remove outliers",
        "plot df",
        "RMSE?",
        "no, per week",
        "Show df.head()",
        "Histogram of betrag",
        "mean of preis per kategorie",
        "Rename column umsatz to revenue",
        "Compute the cumulative sum of `Ausgaben je Mitarbeiter` per 'Abteilung und Jahr'",
        "Count the values 'nicht erstattet' in df",
        "pivot table region x quarter",
        "convert date to datetime",
        "",
        "?",
    ],
)
def test_names_in_other_languages_and_short_words_leave_it_english(request_):
    assert language_of([request_]) == ""


def test_what_is_too_short_to_tell_is_in_the_language_of_what_was_asked_before():
    assert language_of(["RMSE?", "Trainiere ein Modell auf diesen Daten"]) == "German"
    assert language_of(["Plot the total per month", "Trainiere ein Modell auf diesen Daten"]) == ""
    assert language_of([]) == ""


def test_the_answer_to_it_is_asked_for_in_its_language(ask):
    run = ask([block("print(2 + 40)"), "Das Ergebnis ist 42."], request=Request("Wie hoch ist die Summe der beiden Zahlen?"))
    assert run.ending == ("done", "answered")
    assert "without code, in German" in run.of(FeedbackGiven)[0].text


def test_the_answer_to_english_is_asked_for_as_ever(ask):
    run = ask([block("print(2 + 40)"), "It is 42."], request=Request("What is the sum of the two numbers?"))
    assert run.ending == ("done", "answered")
    assert "without code." in run.of(FeedbackGiven)[0].text


@pytest.mark.parametrize(
    ("request_", "end"),
    [
        ("Was ist ein Boxplot?", "# Request\nWas ist ein Boxplot?\n\n(Answer in German.)"),
        ("What is a box plot?", "# Request\nWhat is a box plot?"),
        ("Zeichne die Ausgaben pro Monat", "# Request\nZeichne die Ausgaben pro Monat"),
    ],
)
def test_a_question_about_a_concept_is_asked_to_be_answered_in_its_language(request_, end):
    built = build_prompt(Request(request_), (), (), lambda texts: [len(text) // 3 for text in texts], 6000)
    assert built.messages[-1].content == end


@pytest.mark.parametrize(
    ("instructions", "language"),
    [
        ("Answer in German.", "German"),
        ("Draw with seaborn.\nAlways reply in short sentences in french.", "French"),
        ("Answer in English.", ""),
        ("Comment in German.", "Spanish"),
        ("Answer briefly. Use names in German.", "Spanish"),
        ("", "Spanish"),
    ],
)
def test_instructions_may_name_the_language_of_the_answer(instructions, language):
    assert answer_language(Request("¿Cuántas filas tiene la tabla?", instructions=instructions)) == language
