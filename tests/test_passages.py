"""Passages for a question, found by the real searches and compared with the same done by hand."""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from index import build, open_index
from index.chunk import MAX_GAP
from index.errors import NoIndex, UsageError
from index.opened import Index
from index.sentences import Sentence
from index.word_vectors import pack_words, unpack_words, word_spans
from rag import retrieve
from rag.evidence import BEST_SENTENCE_WEIGHT, COVERAGE_WEIGHT, MEANT_WEIGHT, TOGETHER_WEIGHT, Asked, together
from rag.fusion import WORDS_WEIGHT
from rag.passages import CANDIDATES, GIVES_WAY, PASSAGE_CHARACTERS, REPORT_SHARE, Passage, find
from rag.question import read_question
from tests.wire_story import COPIES, REPORT, REPORTER, SERIES

SHORT = {
    "bakery": "The bakery on the square sells rye bread every morning.",
    "bridge": "Engineers closed the river bridge after the flood damaged a pillar of the bridge.",
    "choir": "A choir of forty children sang in the old church.",
    "flood": "The river flood reached the mill at midnight.",
    "harvest": "Farmers brought in the potato harvest two weeks early.",
    "mill": "The mill by the river has ground flour since 1820.",
}
"""One chunk each and no title, so that what is searched is the text itself."""

RIVERS = 120
"""More articles about rivers than a search returns candidates."""

LOAVES = " ".join(
    f"Loaf number {n} was baked with {flour} flour for {20 + n} minutes in the village oven and sold to {buyer}."
    for n, (flour, buyer) in enumerate(
        (flour, buyer)
        for flour in ("rye", "wheat", "spelt", "barley", "oat", "maize", "rice")
        for buyer in ("a teacher", "the miller", "two nuns", "a sailor", "the doctor", "a painter", "the mayor")
    )
)

CHOIR = "Forty children sang a psalm for Mrs. Zyxqv in the old church."
"""About something else than rivers, with a name that stands nowhere else."""


def indexed(folder: Path, index_dir: Path, texts: Mapping[str, str]) -> Index:
    """An index of these articles."""
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, "utf-8")
    build(folder, index_dir)
    return open_index(index_dir)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """The six short articles."""
    folder = tmp_path_factory.mktemp("short")
    return indexed(folder / "short", folder / "index", SHORT)


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """Many short articles about rivers, a long one about bread, and one with a word of its own."""
    texts = {f"river{n:03}": f"The river at town {n} rose by {n} centimetres after the rain." for n in range(RIVERS)}
    texts |= {"bread": LOAVES, "choir": CHOIR}
    folder = tmp_path_factory.mktemp("crowd")
    return indexed(folder / "crowd", folder / "index", texts)


def bm25(terms: Sequence[str], documents: Sequence[Sequence[str]]) -> tuple[list[float], float]:
    """BM25 with k1 = 1.2 and b = 0.75 (Robertson and Zaragoza 2009) of each document, and the weight of all terms."""
    mean = sum(map(len, documents)) / len(documents)
    scores, weight = [0.0] * len(documents), 0.0
    for term in set(terms):
        holding = sum(term in words for words in documents)
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        weight += idf
        for place, words in enumerate(documents):
            frequency = words.count(term)
            scores[place] += idf * frequency * 2.2 / (frequency + 1.2 * (0.25 + 0.75 * len(words) / mean))
    return scores, weight


@pytest.mark.parametrize(
    "question",
    ["Why was the bridge over the river closed?", "Who ground flour?", "Who sang?", "Which crops were early?"],
)
def test_the_score_is_cosine_and_bm25_and_the_evidence_of_the_sentences_worked_out_by_hand(
    short: Index, question: str
) -> None:
    """Each article is one sentence, so that chunk and sentence are the same words."""
    names, texts = sorted(SHORT), [SHORT[name] for name in sorted(SHORT)]
    vector = short.embedder.encode_question(question)
    cosines = short.embedder.encode_texts(texts) @ vector
    _, of_sentences = short.embedder.encode_chunks(texts, [[(0, len(text))] for text in texts])
    _, of_words = short.embedder.encode_chunks(texts, [word_spans(text, [(0, len(text))])[0] for text in texts])
    of_best = [float(rows[0] @ vector) for rows in of_sentences]
    asked = read_question(question, short)
    words, weight = bm25(asked.terms, [short.words.terms(text) for text in texts])
    expected = {}
    own_words = Asked.of(asked, short).words
    for place, text in enumerate(texts):
        terms = short.words.terms(text)
        packed, _ = unpack_words([pack_words([of_words[place]])], [1])
        meant = sum(
            weight * near / weight_of_all
            for weight, near in zip(asked.weights.values(), (packed @ own_words.T).max(axis=0), strict=True)
            for weight_of_all in [sum(asked.weights.values())]
        )
        coverage = sum(asked.weights[term] for term in asked.weights if term in terms) / weight
        expected[place] = (
            cosines[place]
            + WORDS_WEIGHT * words[place] / weight
            + COVERAGE_WEIGHT * coverage
            + BEST_SENTENCE_WEIGHT * max(0.0, of_best[place] + coverage)
            + TOGETHER_WEIGHT * together(asked, terms)
            + MEANT_WEIGHT * meant
        )
    ranked = sorted(expected, key=lambda place: -expected[place])

    passages = retrieve(question, len(names), short)

    assert [passage.document for passage in passages] == [f"{names[place]}.txt" for place in ranked]
    # the sentences' vectors are packed to four bits: 0.02 of a cosine at most; and of a word, a sign near 0 may turn
    assert [passage.score for passage in passages] == pytest.approx([expected[place] for place in ranked], abs=0.035)
    assert [passage.cosine for passage in passages] == pytest.approx([cosines[place] for place in ranked], abs=0.001)


def test_a_passage_is_its_chunk_with_whole_sentences_around_it_and_none_repeats_another(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    build(articles(bread=LOAVES), tmp_path / "index")
    index = open_index(tmp_path / "index")
    passages = retrieve("Which loaf was baked with rye flour for the mayor?", 20, index)
    document = index.document(passages[0].document_id)
    assert document is not None
    sentences = index.catalog.sentences(document.id)
    starts, ends = {one.start for one in sentences}, {one.end for one in sentences}
    chunks = index.catalog.chunks_of(document.id)
    assert max(chunk.end - chunk.start for chunk in chunks) < PASSAGE_CHARACTERS
    for passage in passages:
        assert passage.start in starts
        assert passage.end in ends
        assert len(passage.text) <= PASSAGE_CHARACTERS
        assert any(passage.start <= chunk.start and chunk.end <= passage.end for chunk in chunks)
    assert len(passages[0].text) > max(chunk.end - chunk.start for chunk in chunks) - 100
    best = [max(one.told, key=lambda told: told.cosine + told.coverage).sentence for one in passages]
    for place, sentence in enumerate(best):
        assert not any(one.start <= sentence.start and sentence.end <= one.end for one in passages[:place])


def loaves(start: int, end: int) -> str:
    """Some of the sentences of LOAVES."""
    return ". ".join(LOAVES.removesuffix(".").split(". ")[start:end]) + "."


def grown_by_hand(chunk: tuple[int, int], best: Sentence, sentences: Sequence[Sentence]) -> tuple[int, int]:
    """A chunk with the sentences beside it, one by one, so that its best one comes to stand in the middle."""
    start, end = chunk
    before, after = [one for one in sentences if one.end <= start], [one for one in sentences if one.start >= end]
    while True:
        longer_before = [] if not before or end - before[-1].start > PASSAGE_CHARACTERS else [before[-1]]
        longer_after = [] if not after or after[0].end - start > PASSAGE_CHARACTERS else [after[0]]
        if longer_before and (best.start - start <= end - best.end or not longer_after):
            start = before.pop().start
        elif longer_after:
            end = after.pop(0).end
        else:
            return start, end


def test_a_passage_grows_on_the_side_where_its_best_sentence_is(articles: Callable[..., Path], tmp_path: Path) -> None:
    build(articles(bread=LOAVES), tmp_path / "index")
    index = open_index(tmp_path / "index")
    [row] = index.documents()
    sentences = index.catalog.sentences(row.id)
    grown = Counter[str]()
    for number in range(len(sentences)):
        [passage] = retrieve(f"How was loaf number {number} baked?", 1, index)
        chunk = passage.told[0].sentence.start, passage.told[-1].sentence.end
        best = max(passage.told, key=lambda told: told.cosine + told.coverage).sentence
        assert (passage.start, passage.end) == grown_by_hand(chunk, best, sentences)
        grown["before"] += passage.start < chunk[0]
        grown["after"] += passage.end > chunk[1]
    assert min(grown["before"], grown["after"]) > 10


def test_a_passage_does_not_take_in_what_a_better_one_shows(articles: Callable[..., Path], tmp_path: Path) -> None:
    build(articles(bread=LOAVES), tmp_path / "index")
    passages = retrieve("Which loaf was baked with rye flour for the mayor?", 20, tmp_path / "index")
    assert len(passages) > 3
    for place, passage in enumerate(passages):
        chunk = {told.text for told in passage.told}
        taken_in = [one for one in re.split(r"(?<=\.) ", passage.text) if one not in chunk]
        assert not any(sentence in better.text for sentence in taken_in for better in passages[:place])


def test_a_passage_keeps_to_its_document_whatever_stands_beside_it_in_the_index(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    build(articles(a=LOAVES, b=SHORT["choir"], c=other_loaves()), tmp_path / "index")
    [passage] = retrieve("Who sang in the church?", 1, tmp_path / "index")
    assert (passage.document, passage.start, passage.end) == ("b.txt", 0, len(SHORT["choir"]))


@pytest.mark.parametrize(("prompts", "is_across"), [(1, True), (5, True), (6, False), (40, False)])
def test_a_passage_runs_across_a_little_text_that_is_no_article_and_not_across_much(
    articles: Callable[..., Path], tmp_path: Path, prompts: int, is_across: bool
) -> None:
    left_out = "\n".join(["Sign up for our free newsletter for the Latest coverage!"] * prompts)
    assert (len(left_out) + len("\n\n" * 2) <= MAX_GAP) == is_across
    first, second = loaves(0, 7), loaves(7, 14)
    text = f"{first}\n\n{left_out}\n\n{second}"
    build(articles(bread=text), tmp_path / "index")
    for asked, chunk in (("loaf number 2", first), ("loaf number 12", second)):
        passage, *others = retrieve(asked, 5, tmp_path / "index")
        assert chunk in passage.text
        assert (left_out in passage.text) == is_across
        assert (passage.text == chunk) != is_across
        assert len(passage.text) <= PASSAGE_CHARACTERS
        assert all(left_out not in one.text for one in others)


def test_a_passage_is_longer_than_its_limit_only_where_its_chunk_is(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    word = "responsibility"
    long = " ".join(f"The {' '.join([word] * 20)} of number {n} was mentioned." for n in range(20))
    build(articles(long=long), tmp_path / "index")
    index = open_index(tmp_path / "index")
    [row] = index.documents()
    chunks = {(chunk.start, chunk.end) for chunk in index.catalog.chunks_of(row.id)}
    passages = retrieve("Which responsibility was mentioned?", 20, index)
    assert all(end - start > PASSAGE_CHARACTERS for start, end in sorted(chunks)[:-1])
    assert {(one.start, one.end) for one in passages if len(one.text) > PASSAGE_CHARACTERS} <= chunks
    assert max(len(one.text) for one in passages) > PASSAGE_CHARACTERS


def test_a_passage_says_all_that_is_known_of_its_place(seeds_index: Path) -> None:
    first, *_ = retrieve("How many offices does the DEA have around the world?", 1, seeds_index)
    text = (Path(__file__).parent.parent / "seeds" / first.document).read_text("utf-8")
    assert first.text == text[first.start : first.end]
    assert "We have 334 offices around the world." in first.text
    assert first == Passage(
        document="001_963e728015908ae9.txt",
        start=first.start,
        end=first.end,
        text=first.text,
        score=first.score,
        title="DEA called for further cooperation from China and Mexico in the fight against fentanyl",
        publisher="El Financiero",
        author=None,
        published=None,
        folder="seeds",
        document_id=first.document_id,
        found_by=("meaning", "words"),
        language="en",
        report=first.document_id,
    )
    assert first.location == f"seeds/001_963e728015908ae9.txt:{first.start}-{first.end}"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_passage_is_the_file_from_start_to_end(
    articles: Callable[..., Path], tmp_path: Path, newline: str
) -> None:
    lines = [
        "\ufeffFlood news",
        "",
        "The river rose – by 2 m – 🌊 at Zürich.",
        "“Cafe\u0301s closed,” said Ms. Ngo.",
        "",
    ]
    folder = articles(news=newline.join(lines), bread=LOAVES)
    build(folder, tmp_path / "index")
    passages = retrieve("Why did the cafés close?", 20, tmp_path / "index")
    assert len(passages) > 4
    for passage in passages:
        with (folder / passage.document).open(encoding="utf-8", newline="") as file:
            assert file.read()[passage.start : passage.end] == passage.text


def test_a_filter_works_inside_the_searches_and_not_on_what_they_found(crowd: Index) -> None:
    question = "How far did the river rise after the rain?"
    without = retrieve(question, 100, crowd)
    assert RIVERS > CANDIDATES
    assert "bread.txt" not in {passage.document for passage in without}

    passages = retrieve(question, 5, crowd, {"document": "bread.txt"})

    assert [passage.document for passage in passages] == ["bread.txt"] * 5
    assert len({passage.start for passage in passages}) == 5


def test_a_filter_that_nothing_passes_finds_nothing_and_is_logged(
    crowd: Index, caplog: pytest.LogCaptureFixture
) -> None:
    assert retrieve("How far did the river rise?", 5, crowd, {"document": "breda.txt"}) == []
    assert caplog.messages == ["No document has the name breda.txt. Did you mean bread.txt?"]


def test_each_side_names_what_it_found_and_a_chunk_of_the_words_has_its_cosine_too(crowd: Index) -> None:
    question = "Which river rose, Zyxqv?"
    passages = {passage.document: passage for passage in retrieve(question, 100, crowd)}
    choir = passages.pop("choir.txt")
    assert choir.found_by == ("words",)
    vector = crowd.embedder.encode_question(question)
    [of_choir] = crowd.embedder.encode_texts([CHOIR])
    assert choir.cosine == pytest.approx(float(vector @ of_choir), abs=0.001)
    assert choir.cosine < min(passage.cosine for passage in passages.values() if "meaning" in passage.found_by)


def test_a_chunk_without_a_word_of_the_question_is_found_by_meaning(short: Index) -> None:
    found_by = {passage.document: passage.found_by for passage in retrieve("vocalists", 6, short)}
    assert found_by["choir.txt"] == ("meaning",)
    assert retrieve("vocalists", 1, short)[0].document == "choir.txt"


def test_one_document_fills_no_more_than_its_share_while_another_is_nearly_as_good(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    build(articles(bread=LOAVES, town=". ".join(other_loaves().split(". ")[:26])), tmp_path / "index")
    question, k = "How many minutes was the loaf with wheat flour for the miller baked?", 5
    by_score = sorted(retrieve(question, 100, tmp_path / "index"), key=lambda passage: -passage.score)

    passages = retrieve(question, k, tmp_path / "index")

    assert passages == picked_by_hand(by_score, k)
    held, without_share = (Counter(one.document for one in some)["bread.txt"] for some in (passages, by_score[:k]))
    assert held == round(REPORT_SHARE * k) < without_share


def test_passages_that_are_much_worse_do_not_displace_those_of_one_good_document(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    build(articles(bread=LOAVES, choir=SHORT["choir"], harvest=SHORT["harvest"]), tmp_path / "index")
    question = "For how many minutes was a loaf baked in the village oven?"
    assert [one.document for one in retrieve(question, 5, tmp_path / "index")] == ["bread.txt"] * 5


def other_loaves() -> str:
    """An article like the one about bread, with other numbers and another oven."""
    return re.sub(r"\d+", lambda number: str(int(number[0]) + 300), LOAVES).replace("village", "village town")


def picked_by_hand(by_score: Sequence[Passage], k: int) -> list[Passage]:
    """The rule of the list, written a second time: the best one whose document still has room, if good enough."""
    waiting, picked = list(by_score), list[Passage]()
    while waiting and len(picked) < k:
        full = {one for one in waiting if sum(p.document == one.document for p in picked) >= max(1, round(0.6 * k))}
        roomy = [one for one in waiting if one not in full and one.score >= GIVES_WAY * waiting[0].score]
        chosen = waiting[0] if waiting[0] not in full or not roomy else roomy[0]
        waiting.remove(chosen)
        picked.append(chosen)
    return picked


def test_a_copied_report_is_listed_once_though_both_copies_are_indexed(tmp_path: Path) -> None:
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"{folder}.txt").write_text(SHORT["bridge"], "utf-8")
    (tmp_path / "second" / "nearly.txt").write_text(SHORT["bridge"].upper(), "utf-8")
    (tmp_path / "second" / "mill.txt").write_text(SHORT["mill"], "utf-8")
    build([tmp_path / "first", tmp_path / "second"], tmp_path / "index")

    passages = retrieve("Why was the river bridge closed?", 5, tmp_path / "index")

    assert len(open_index(tmp_path / "index").documents()) == 4
    listed = [(passage.location, passage.copies) for passage in passages]
    assert listed == [
        ("first/first.txt:0-81", ("second/nearly.txt", "second/second.txt")),
        ("second/mill.txt:0-50", ()),
    ]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Index:
    """One wire story in seven papers, another report on the same event, and two issues of a weekly report."""
    root = tmp_path_factory.mktemp("papers")
    (root / "news").mkdir()
    for name, text in {**COPIES, "reporter": REPORTER, **SERIES}.items():
        (root / "news" / f"{name}.md").write_text(f"---\npublisher: The {name.title()}\n---\n{text}", "utf-8")
    build(root / "news", root / "index")
    return open_index(root / "index")


def others(*names: str) -> tuple[str, ...]:
    """The other documents of the wire story."""
    return tuple(f"news/{name}.md" for name in sorted(COPIES) if name not in names)


GAUGE = "How high did the gauge at the stone bridge stand?"


def test_of_a_wire_story_the_best_copy_is_listed_with_the_names_of_the_others(papers: Index) -> None:
    first, second, *_ = retrieve(GAUGE, 5, papers)
    assert [(one.report, one.copies) for one in (first, second)] == [(1, others(first.document[:-3])), (8, ())]
    assert second.document == "reporter.md"
    listed = [one for one in retrieve(GAUGE, 100, papers) if "5.82 metres shortly after midnight" in one.text]
    assert listed == [first]


def test_what_a_copy_says_beyond_the_others_is_a_passage_in_its_own_right(papers: Index) -> None:
    passages = retrieve(GAUGE, 100, papers)
    assert [one.document for one in passages if "46 volunteers" in one.text] == ["local.md"]
    assert [one.document for one in passages if "three of five free articles" in one.text] == ["furniture.md"]
    for paragraph in REPORT:
        assert sum(paragraph[-60:] in one.text for one in passages) <= 2


def test_a_filter_chooses_among_the_copies_it_lets_through_and_all_are_named(papers: Index) -> None:
    for name in ("agency", "brief", "edited"):
        first, *_ = retrieve(GAUGE, 1, papers, {"publisher": f"The {name}"})
        assert (first.document, first.report, first.copies) == (f"{name}.md", 1, others(name))


def test_a_statement_in_two_reports_is_listed_once_and_the_other_report_is_named(papers: Index) -> None:
    """The rules at the end of both issues of the weekly report."""
    [first] = [one for one in retrieve("When do members report prices?", 100, papers) if "Thursday noon" in one.text]
    one, other = sorted(f"news/{name}.md" for name in SERIES)
    assert (first.location.split(":")[0], first.copies) == (one, (other,))


def test_of_equal_copies_the_earliest_is_the_best_then_the_one_with_the_first_name(tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    dates = {"a": "", "b": "date: 2023-05-02", "d": "date: 2023-05", "c": "date: 2023-05", "e": "date: 2023-06"}
    for name, date in dates.items():
        (tmp_path / "news" / f"{name}.md").write_text(f"---\npublisher: {name}\n{date}\n---\n{SHORT['mill']}", "utf-8")
    build(tmp_path / "news", tmp_path / "index")
    [passage] = retrieve("mill", 5, tmp_path / "index")
    assert passage.location.startswith("news/c.md")
    assert passage.copies == ("news/a.md", "news/b.md", "news/d.md", "news/e.md")
    [undated] = retrieve("mill", 5, tmp_path / "index", {"publisher": "a"})
    assert undated.location.startswith("news/a.md")


def test_many_copies_leave_room_for_other_reports(articles: Callable[..., Path], tmp_path: Path) -> None:
    copies = {f"copy{number:02}": f"{SHORT['mill']}{' ' * number}" for number in range(40)}
    build(articles(**copies, choir=SHORT["choir"], bakery=SHORT["bakery"]), tmp_path / "index")
    passages = retrieve("Since when does the mill grind?", 3, tmp_path / "index")
    assert [(one.document, len(one.copies)) for one in passages] == [
        ("copy00.txt", 39), ("bakery.txt", 0), ("choir.txt", 0),
    ]  # fmt: skip


def test_two_reports_that_only_share_some_words_are_both_listed(short: Index) -> None:
    passages = retrieve("river mill flood", 6, short)
    assert {"flood.txt", "mill.txt", "bridge.txt"} <= {passage.document for passage in passages[:3]}


def test_the_same_question_has_the_same_passages_also_in_an_index_made_again(short: Index, tmp_path: Path) -> None:
    questions = ["Why was the bridge closed?", "river", "bread", "What is it?"]
    again = indexed(tmp_path / "short", tmp_path / "again", dict(reversed(SHORT.items())))
    for question in questions:
        assert retrieve(question, 6, short) == retrieve(question, 6, short) == retrieve(question, 6, again)


def test_equal_scores_are_ranked_by_position(articles: Callable[..., Path], tmp_path: Path) -> None:
    verse = " ".join(LOAVES.split(". ")[:6]) + "."  # as long as a chunk
    build(articles(song="\n\n".join([verse] * 5)), tmp_path / "index")
    passages = retrieve("Which loaf was baked with rye flour?", 5, tmp_path / "index")
    assert len({passage.score for passage in passages}) == 1
    starts = [passage.start for passage in passages]
    assert starts == sorted(starts)
    assert starts[0] == 0
    assert len(starts) > 2


def test_a_question_of_stop_words_alone_is_ranked_by_meaning(short: Index) -> None:
    found = find(read_question("Is it not the?", short), short, 6)
    assert {passage.found_by for passage in found.passages} == {("meaning",)}
    for passage in found.passages:
        best = max(told.cosine for told in passage.told)
        assert passage.score == pytest.approx(passage.cosine + BEST_SENTENCE_WEIGHT * max(0.0, best), abs=1e-5)


def test_the_title_is_never_a_passage_by_itself(articles: Callable[..., Path], tmp_path: Path) -> None:
    title = "Village oven bakes rye bread for the mayor"
    build(articles(oven=f"{title}\n\n{LOAVES}", choir=SHORT["choir"]), tmp_path / "index")
    passages = retrieve(title, 20, tmp_path / "index")
    assert {passage.title for passage in passages} == {title, None}
    assert title not in {passage.text.strip() for passage in passages}


@pytest.mark.parametrize("k", [0, -1, 101, True, 2.5, "5", None])
def test_a_number_of_passages_out_of_range_is_refused(short: Index, k: object) -> None:
    with pytest.raises(UsageError) as error:
        retrieve("river", k, short)  # type: ignore[arg-type]
    assert str(error.value) == f"The number of passages is a whole number from 1 to 100, not {k!r}."


def test_k_is_the_number_of_passages_and_all_there_are_where_there_are_fewer(short: Index) -> None:
    assert [len(retrieve("river", k, short)) for k in (1, 2, 6, 100)] == [1, 2, 6, 6]


@pytest.mark.parametrize(
    "added", ['"', "+", " AND NOT ", "[a TO b]", "river:*", "(((", "\\", "^2 ~3", "{}", "' OR 1=1--"]
)
def test_no_character_of_a_question_has_a_meaning_for_a_query_parser(short: Index, added: str) -> None:
    passages = retrieve(f"bridge closed {added}", 1, short)
    assert [passage.document for passage in passages] == ["bridge.txt"]


def test_a_folder_a_path_an_index_and_the_environment_name_the_same_index(
    short: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = retrieve("bridge", 2, short)
    assert retrieve("bridge", 2, short.path) == retrieve("bridge", 2, str(short.path)) == expected
    monkeypatch.setenv("FOOTNOTED_INDEX", str(short.path))
    assert retrieve("bridge", 2) == expected
    monkeypatch.delenv("FOOTNOTED_INDEX")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoIndex) as error:
        retrieve("bridge", 2)
    assert str(error.value) == f"No index in {tmp_path / '.footnoted'}. Make one: footnoted build FOLDER"


def test_an_empty_question_is_said_before_an_index_is_looked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        retrieve("?", 5, tmp_path / "nothing here")


def test_the_timings_are_those_of_the_stages(short: Index) -> None:
    found = find(read_question("bridge", short), short, 3)
    assert list(found.timings_ms) == ["question vector", "search"]
    assert all(np.isfinite(duration) and duration > 0 for duration in found.timings_ms.values())
