"""The sentences that answer: chosen among those of the passages, with the score worked out by hand."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from index import open_index
from index.opened import Index
from rag.passages import find
from rag.question import Question, kind_of, read_question
from rag.quotes import (
    ALIKE_WEIGHT,
    ASKED_WEIGHT,
    BEFORE_WEIGHT,
    ENOUGH,
    FIT_BONUS,
    HEADING_COST,
    MAX_QUOTES,
    MEANT_WEIGHT,
    OFFER_BONUS,
    OFFERS,
    PASSAGE_WEIGHT,
    SAME,
    WORDS_WEIGHT,
    Quote,
    choose_quotes,
    offered,
)

QUESTIONS = [
    "How many offices does the DEA have around the world?",
    "Which two cartels are behind most of the fentanyl trade?",
    "When did López Obrador come to power?",
    "Why don't the cartels sell fentanyl at home?",
    "production cost fake fentanyl pill",
    "What did Ebrard say?",
    "What happened in 2021?",
    "What is the “hugs, not bullets” policy?",
    "Is the border secure?",
    "fentanyl",
]


def quotes_for(question: str, index: Index, where: Mapping[str, str] | None = None) -> list[Quote]:
    """The quotes that `ask` would weigh."""
    return choose_quotes(find(read_question(question, index), index, 8, where), index)


def weighted_mean(pairs: Sequence[tuple[float, float]]) -> float:
    """Of (weight, value); 0 of none."""
    return sum(weight * value for weight, value in pairs) / sum(weight for weight, _ in pairs) if pairs else 0.0


@pytest.mark.parametrize("text", QUESTIONS)
def test_every_quote_has_the_score_of_its_parts(seeds_index: Path, text: str) -> None:
    index = open_index(seeds_index)
    question = read_question(text, index)
    found = find(question, index, 8)
    for quote in choose_quotes(found, index):
        all_told = quote.passage.all_told
        [told] = [one for one in all_told if one.sentence == quote.sentence]
        document = index.document(quote.document_id)
        assert document is not None
        first = next(
            one for one in index.catalog.sentences(document.id) if not one.heading and one.end - one.start > 40
        )
        title = set(index.words.terms(quote.passage.title or ""))
        topic = title | set(index.words.terms(document.text[first.start : first.end]))
        terms = set(index.words.terms(told.text))
        place = all_told.index(told)
        before = set(index.words.terms(all_told[place - 1].text)) if place else set()
        asked = [(weight, near) for (term, weight), near in zip(question.weights.items(), told.near, strict=True)]
        own = [pair for pair, term in zip(asked, question.terms, strict=True) if term not in topic]
        beyond = question.coverage(terms | title | before) - question.coverage(terms | title)
        offers = offered(question, told.text) and question.kind in OFFERS
        fits = bool(question.speaker or question.years or question.quoted) and not quote.misses
        assert quote.cosine == told.cosine
        assert quote.score == pytest.approx(
            PASSAGE_WEIGHT * quote.passage.score
            + WORDS_WEIGHT * question.coverage(terms | topic)
            + MEANT_WEIGHT * weighted_mean(asked)
            + ALIKE_WEIGHT * sum(near for _, near in asked) / len(asked)
            + ASKED_WEIGHT * weighted_mean(own)
            + BEFORE_WEIGHT * beyond
            - HEADING_COST * (quote.sentence.heading or told.text.endswith((":", "?")))
            + OFFER_BONUS * offers
            + FIT_BONUS * fits
            + told.cosine,
            abs=0.001,
        )


@pytest.mark.parametrize("text", QUESTIONS)
def test_quotes_are_few_different_ranked_and_stand_at_their_places(seeds_index: Path, text: str) -> None:
    index = open_index(seeds_index)
    quotes = quotes_for(text, index)
    assert 1 <= len(quotes) <= MAX_QUOTES
    scores = [quote.score for quote in quotes]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) >= ENOUGH * scores[0]
    for one, other in combinations(quotes, 2):
        differ = any(term[0].isdigit() for term in one.terms ^ other.terms)
        assert differ or len(one.terms & other.terms) < SAME * len(one.terms | other.terms)
    for quote in quotes:
        document = index.document(quote.document_id)
        assert document is not None
        assert document.text[quote.start : quote.end] == quote.text
        assert quote.start <= quote.sentence.start < quote.sentence.end <= quote.end
        in_passage = quote.passage.start <= quote.sentence.start < quote.sentence.end <= quote.passage.end
        assert in_passage or quote.sentence in [one.sentence for one in quote.passage.also_told]


def test_the_sentence_that_answers_is_quoted_and_not_its_neighbours(made: Callable[..., Index]) -> None:
    index = made(
        mill="The mill stands by the river. It has ground flour since 1820. A choir rehearses in its yard on Mondays."
    )
    assert quotes_for("Since when has the mill ground flour?", index)[0].text == "It has ground flour since 1820."
    assert quotes_for("Who rehearses in the yard?", index)[0].text == "A choir rehearses in its yard on Mondays."


DAM, GATES = "The river dam was closed because of rust.", "Rust was found on the gates of the river dam."


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        (f"{DAM} {GATES} A choir sang.", f"{DAM} {GATES}"),
        (f"A choir sang. {DAM} {GATES}", f"{DAM} {GATES}"),
        (f"{DAM}\n\n{GATES}", DAM),  # another paragraph
        (f"{DAM} A choir sang. {GATES}", DAM),  # no neighbour
        (f"{DAM} A choir sang.", DAM),  # a neighbour that is about something else
        (f"{DAM} {GATES[:-1]}{' in the north' * 30}.", DAM),  # together too long
        (f"{DAM} “{GATES[:-1]},” Jane Holt said.", DAM),  # somebody's words
        (f"“{DAM[:-1]},” Jane Holt said. “{GATES}”", f"“{DAM[:-1]},” Jane Holt said. “{GATES}”"),
    ],
)
def test_the_first_quote_takes_in_the_sentence_beside_it_that_is_nearly_as_good(
    text: str, quoted: str, made: Callable[..., Index]
) -> None:
    first, *others = quotes_for("Why was the river dam closed?", made(dam=text))
    assert first.text == quoted
    assert all(other.text not in first.text and other.text.count(".") == 1 for other in others)


def test_what_the_sentence_before_names_counts_for_the_one_that_goes_on(made: Callable[..., Index]) -> None:
    index = made(
        books="Her best known novel is Grey Water. Published in 1967, it was much read. The mill burned in 1931."
    )
    first, *_ = quotes_for("In what year was the novel Grey Water published?", index)
    assert "Published in 1967" in first.text


@pytest.mark.parametrize(
    ("asked", "text", "offers"),
    [
        ("In what month did the mill burn?", "It burned on Monday, some years ago.", False),
        ("In what month did the mill burn?", "It burned in May.", True),
        ("What year was the mill built?", "It was built last May.", False),
        ("What year was the mill built?", "It was built in AD 640.", True),
        ("When did the mill burn?", "Philip burned it in 357 BC.", True),
        ("When did the mill burn?", "It burned on Monday.", True),
    ],
)
def test_a_time_is_offered_where_it_is_as_exact_as_the_question(asked: str, text: str, *, offers: bool) -> None:
    assert offered(Question(asked, kind_of(asked), {}), text) is offers


def test_two_sentences_offer_what_one_of_them_does(made: Callable[..., Index]) -> None:
    index = made(
        mill="Who led the choir of the old mill was a nun. The nun who led the choir of the mill was Anna Hale."
    )
    question = "Who led the choir of the old mill?"
    first, *others = quotes_for(question, index)
    assert others == []
    assert first.text[: first.sentence.end] == "Who led the choir of the old mill was a nun."
    assert not offered(read_question(question, index), first.text[: first.sentence.end])
    assert first.offers


def test_what_two_articles_say_in_the_same_words_is_quoted_once(made: Callable[..., Index]) -> None:
    index = made(
        one="The mayor closed the bridge on Monday. In the evening forty children sang in the church.",
        two="A storm tore down nine old oaks in the park. The mayor closed the bridge on Monday.",
    )
    quotes = [quote.text for quote in quotes_for("When did the mayor close the bridge?", index)]
    assert quotes[0] == "The mayor closed the bridge on Monday."
    assert quotes.count(quotes[0]) == 1


def test_a_sentence_that_states_something_is_preferred_to_a_heading_with_the_same_words(
    made: Callable[..., Index],
) -> None:
    index = made(
        bridge="Why the old bridge was closed\n\nEngineers found rust, so that the old bridge was closed on Monday."
    )
    quotes = quotes_for("Why was the old bridge closed?", index)
    assert quotes[0].text == "Engineers found rust, so that the old bridge was closed on Monday."
    assert not quotes[0].sentence.heading


def test_a_sentence_with_a_number_is_preferred_where_a_number_is_asked_for(made: Callable[..., Index]) -> None:
    index = made(flood="The flood damaged the houses by the river. The flood damaged 40 houses by the river.")
    assert quotes_for("How many houses by the river were damaged?", index)[0].offers
    assert quotes_for("How many houses by the river were damaged?", index)[0].text.startswith("The flood damaged 40")


@pytest.mark.parametrize(
    ("question", "text", "offers"),
    [
        ("How many offices are there?", "There are 334 offices.", True),
        ("How many offices are there?", "Dozens of offices were opened.", True),
        ("How many offices are there?", "Offices were opened.", False),
        ("How many offices are there?", "No office was opened.", False),
        ("How much is it?", "It costs ten cents.", True),
        ("How much is it?", "It is dear.", False),
        ("When did it begin?", "It began in 2018.", True),
        ("When did it begin?", "It began last month.", True),
        ("When did it begin?", "It began on Thursday.", True),
        ("When did it begin?", "It began with a letter.", False),
        ("Where did they meet?", "They met in Washington.", True),
        ("Where did they meet?", "They met in the garden.", False),
        ("Who led it?", "It was led by Jane Holt.", True),
        ("Who led it?", "It was led by a nun.", False),
        ("Who led it?", "Jane came.", False),  # a capital that every sentence has says nothing
        ("Who led Holt?", "He was led by Holt.", False),  # a name that the question says itself
        ("Who led Holt?", "It was Holt whom Olsen led.", True),
        ("Why did they leave?", "They left because it rained.", True),
        ("Why did they leave?", "They left.", False),
        ("What did she say?", "“We leave,” it read.", True),
        ("What did she say?", "She said they would leave.", True),
        ("What did she say?", "They left.", False),
        ("What is it?", "Anything.", True),
        ("Is it so?", "Anything.", True),
    ],
)
def test_a_kind_of_question_asks_for_something_a_sentence_has_or_has_not(
    question: str, text: str, offers: bool
) -> None:
    assert offered(Question(question, kind_of(question), {}), text) is offers


def test_where_a_number_or_a_time_is_asked_for_only_sentences_with_one_are_quoted(made: Callable[..., Index]) -> None:
    index = made(flood="The flood damaged houses by the river. The flood by the river damaged 40 houses. A choir sang.")
    assert [one.text for one in quotes_for("How many houses did the flood damage?", index)] == [
        "The flood by the river damaged 40 houses."
    ]
    assert quotes_for("Which houses did the flood by the river damage?", index)[0].text == (
        "The flood damaged houses by the river. The flood by the river damaged 40 houses."
    )


def test_a_number_or_a_time_of_something_else_is_not_quoted_for_being_one(made: Callable[..., Index]) -> None:
    index = made(dam="The gates of the dam are closed whenever the river is high. In 1998 a choir sang in the church.")
    assert quotes_for("When are the gates of the dam closed?", index)[0].text.startswith("The gates of the dam")


def test_a_question_in_a_text_is_quoted_after_what_answers_it(made: Callable[..., Index]) -> None:
    asked = "Can walkers cross the river dam in winter?"
    told = "Walkers may cross the river dam in October."
    first, *_ = quotes_for(asked, made(dam=f"{asked} Forty children sang a psalm. {told} A mill ground flour."))
    assert first.text == told


def test_the_words_of_whom_the_question_asks_about_are_preferred(made: Callable[..., Index]) -> None:
    index = made(
        dam="“The dam is safe and dry,” Jane Holt said.\n\n“The dam is not safe,” Peter Olsen said. “It leaks badly.”"
    )
    for name, words in (("Jane Holt", "“The dam is safe and dry,” Jane Holt said."), ("Olsen", "Peter Olsen said.")):
        first, *_ = quotes_for(f"What did {name} say about the dam?", index)
        assert words in first.text
        assert first.misses == ()
    assert quotes_for("What did Mary Smith say about the dam?", index)[0].misses == ("Mary Smith",)


def test_a_passage_without_the_year_of_the_question_misses_it(made: Callable[..., Index]) -> None:
    index = made(old="In 1820 the mill ground flour.", new="Since then the mill has ground flour.")
    first, *_ = quotes_for("What did the mill grind in 1820?", index)
    assert (first.text, first.misses) == ("In 1820 the mill ground flour.", ())
    assert quotes_for("What did the mill grind in 1900?", index)[0].misses == ("1900",)


def test_nothing_is_quoted_where_nothing_was_found(seeds_index: Path) -> None:
    assert quotes_for("fentanyl", open_index(seeds_index), {"document": "nothing.txt"}) == []


def test_passages_without_sentences_have_no_quotes(seeds_index: Path) -> None:
    index = open_index(seeds_index)
    found = find(read_question("fentanyl", index), index, 3)
    bare = replace(found, passages=tuple(replace(passage, told=()) for passage in found.passages))
    assert choose_quotes(bare, index) == []


def test_a_sentence_that_two_overlapping_passages_hold_is_quoted_once(made: Callable[..., Index]) -> None:
    long = " ".join(f"Gate {n} of the river dam was painted grey and then green by {n} workers." for n in range(60))
    quotes = quotes_for("How many workers painted gate 7 of the river dam?", made(dam=long))
    places = [(quote.document_id, quote.sentence.start) for quote in quotes]
    assert len(places) == len(set(places))


@pytest.mark.parametrize(
    ("sentence", "is_offered"),
    [
        ("On Friday the minister, Ines Pohlmann, wants to come.", True),
        ("It was then that Minister Pohlmann resigned.", True),
        ("After the arrest of the minister the talks ended, said Karla Brandt.", False),
        ("After the arrest of Germany’s minister the talks ended.", False),  # the question says German
    ],
)
def test_a_name_is_offered_where_it_stands_by_what_is_to_be_named(
    made: Callable[..., Index], sentence: str, is_offered: bool
) -> None:
    index = made(news=sentence)
    question = read_question("What is the name of the German minister who was arrested?", index)
    assert question.named == ["minister"]
    assert offered(question, sentence) is is_offered
