"""Chunks: every sentence in one at least, none longer than the model reads, offsets exact; with the real tokenizer."""

import random
import string
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from index.chunk import CHUNKING, MAX_GAP, TARGET_WORDS, Chunk, Measure, chunk
from index.embed import Embedder
from index.folders import Found
from index.load import Document, load
from index.sentences import Sentence, split_sentences

SEEDS = Path(__file__).resolve().parent.parent / "seeds"


@pytest.fixture(scope="module")
def measure() -> Measure:
    embedder = Embedder.load()
    assert embedder.max_tokens == 256
    return Measure(embedder.count, embedder.token_offsets, embedder.max_tokens)


def document(tmp_path: Path, text: str, name: str = "a.txt") -> Document:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    loaded = load(Found("news", name, tmp_path / name))
    assert isinstance(loaded, Document)
    return loaded


def prose(sentences: int, start: int = 0) -> str:
    """Sentences of ten words, all different."""
    return " ".join(
        f"On day {number} the river rose by {number} metres again." for number in range(start, start + sentences)
    )


def check(one: Document, measure: Measure) -> list[Chunk]:
    """The chunks of a document, after checking what holds for all of them."""
    chunks = chunk(one, measure)
    marked = {place for mark in one.marks for place in range(mark.start, mark.end)}
    inside: set[int] = set()
    for part in chunks:
        assert measure.count(part.searched_text) <= measure.limit
        assert (part.start, part.end) == (part.sentences[0].start, part.sentences[-1].end)
        for sentence in part.sentences:
            words = one.text[sentence.start : sentence.end]
            assert words
            assert words in part.searched_text
            inside.update(range(sentence.start, sentence.end))
        assert all(before.end <= after.start for before, after in pairwise(part.sentences))
        assert all(after.start - before.end <= MAX_GAP for before, after in pairwise(part.sentences))
    for sentence in split_sentences(one.text, one.marks):
        lost = [one.text[place] for place in range(sentence.start, sentence.end) if place not in inside]
        assert not "".join(lost).strip()
    assert inside.isdisjoint(marked)
    assert [part.start for part in chunks] == sorted(part.start for part in chunks)
    for before, after in pairwise(chunks):
        check_overlap(before, after)
    return chunks


def check_overlap(before: Chunk, after: Chunk) -> None:
    """Two chunks share sentences of one paragraph, the one that both are in, or headings, or nothing."""
    shared = [sentence for sentence in after.sentences if sentence.start < before.end]
    assert len(shared) <= 2
    assert shared == list(before.sentences)[len(before.sentences) - len(shared) :]
    paragraph = after.sentences[len(shared)].paragraph
    assert all(sentence.paragraph == paragraph for sentence in shared)


@pytest.mark.parametrize("name", [path.name for path in sorted(SEEDS.glob("*.txt"))])
def test_the_chunks_of_a_seed_hold_every_sentence_and_no_boilerplate(name: str, measure: Measure) -> None:
    one = load(Found("seeds", name, SEEDS / name))
    assert isinstance(one, Document)
    chunks = check(one, measure)
    assert all(len(part.searched_text.split()) <= TARGET_WORDS + 40 for part in chunks)
    for mark in one.marks:
        if mark.rule not in ("repeated title", "repeated caption"):
            words = one.text[mark.start : mark.end]
            assert not any(words in part.searched_text for part in chunks)


def test_a_short_article_is_one_chunk_with_its_title(tmp_path: Path, measure: Measure) -> None:
    text = "River news\n\nThe river rose. Nobody was hurt.\n"
    assert check(document(tmp_path, text), measure) == [
        Chunk(
            start=0,
            end=44,
            sentences=(Sentence(0, 10, 0, heading=True), Sentence(12, 27, 1), Sentence(28, 44, 1)),
            searched_text="River news\nThe river rose. Nobody was hurt.",
            spans=((0, 10), (11, 26), (27, 43)),
        )
    ]


def test_every_later_chunk_is_searched_with_its_title(tmp_path: Path, measure: Measure) -> None:
    chunks = check(document(tmp_path, "River news\n\n" + prose(60)), measure)
    assert len(chunks) > 3
    assert [part.searched_text.startswith("River news\n") for part in chunks] == [True] * len(chunks)
    assert [part.searched_text.count("River news") for part in chunks] == [1] * len(chunks)
    assert not any("River news" in one for part in chunks[1:] for one in part.searched_text.split("\n")[1:])


def test_a_title_that_would_crowd_the_chunk_out_is_left_out(tmp_path: Path, measure: Measure) -> None:
    title = "漢字" * 40
    one = document(tmp_path, f"---\ntitle: {title}\n---\n{prose(60)}\n", "a.md")
    assert one.metadata.title == title
    assert not any(title in part.searched_text for part in check(one, measure))


def test_a_chunk_that_ends_inside_a_paragraph_is_repeated_by_two_sentences(tmp_path: Path, measure: Measure) -> None:
    chunks = check(document(tmp_path, prose(40)), measure)
    assert len(chunks) == 3
    for before, after in pairwise(chunks):
        assert after.sentences[:2] == before.sentences[-2:]


def test_a_chunk_that_ends_with_its_paragraph_is_not_repeated(tmp_path: Path, measure: Measure) -> None:
    text = "\n".join(prose(12, start) for start in (0, 100, 200))
    chunks = check(document(tmp_path, text), measure)
    assert [text[part.start : part.end] for part in chunks] == text.split("\n")


def test_a_heading_goes_with_the_text_below_it(tmp_path: Path, measure: Measure) -> None:
    text = f"{prose(12)}\nWho pays\n{prose(12, 100)}\n"
    chunks = check(document(tmp_path, text), measure)
    assert [part.searched_text.startswith("Who pays\n") for part in chunks] == [False, True]
    assert "Who pays" not in chunks[0].searched_text


def test_a_chunk_does_not_run_across_a_long_form(tmp_path: Path, measure: Measure) -> None:
    form = "Leave a reply\n" * 30
    chunks = check(document(tmp_path, f"The river rose.\n{form}It fell on Monday."), measure)
    assert [part.searched_text for part in chunks] == ["The river rose.", "It fell on Monday."]


def test_equal_texts_have_equal_keys_and_others_do_not(tmp_path: Path, measure: Measure) -> None:
    [one] = chunk(document(tmp_path, "The river rose."), measure)
    [same] = chunk(document(tmp_path, "\r\n  The river rose.\r\n", "b.txt"), measure)
    [other] = chunk(document(tmp_path, "The river fell.", "c.txt"), measure)
    assert one.key == same.key != other.key
    assert replace(one, spans=((0, 3), (4, 15))).key != one.key


def test_the_name_of_the_chunking_says_its_sizes() -> None:
    assert CHUNKING == "sentences-170-90-2-2"


# pieces that are read in more pieces where they begin a text: "poulos" is one inside a word, three alone
INNER_PIECES = ["poulos", "tablished", "filtration", "stituting", "morphism", "hausen", "nington", "kiewicz"]


def nasty_texts() -> dict[str, str]:
    """Texts that a cutter may trip over."""
    chance = random.Random(0)

    def letters(alphabet: str, count: int) -> str:
        return "".join(chance.choices(alphabet, k=count))

    def long_words() -> str:
        words = ("".join(chance.choices(INNER_PIECES, k=chance.randrange(1, 9)))[:90] for _ in range(600))
        return "".join(f"{chance.choice(['ab', 'the', 'q'])}{word}{chance.choice('-/_=&')}" for word in words)

    return {
        "one word": "a" * 30_000,
        "no spaces": long_words(),
        "base64": letters(string.ascii_letters + string.digits + "+/", 20_000),
        "minified": letters(string.ascii_lowercase + '{}[]":,', 20_000),
        "one line": prose(4_000),
        "one line without full stops": "river metre bridge school " * 4_000,
        "table": "\n".join(f"Station {number} Level {number * 7} cm Rain {number % 9} mm" for number in range(1_500)),
        "Chinese": "河水在星期一上涨了两米" * 1_000,
        "Chinese with stops": "河水上涨。没有人受伤。" * 1_000,
        "emoji": "The river: " + "🙂👨‍👩‍👧‍👦🇲🇽 " * 1_500,
        "combining marks": "e\u0301a\u0308o\u0302\u0323" * 3_000,
        "marks without letters": "a" + "\u0301" * 20_000,
        "Arabic": "ارتفع النهر مترين يوم الاثنين ولم يصب أحد بأذى " * 500,
        "Thai": "แม่น้ำสูงขึ้นสองเมตร" * 500,
        "full stops": "a." * 5_000,
        "long title": "River " * 33 + "\n\n" + prose(60),
        "anything": "".join(chr(chance.choice([*range(32, 127), *range(0x300, 0x370), *range(0x4E00, 0x4F00),
                                               *range(0x1F600, 0x1F650), 0x200B, 0x200D, 0xA0, 10]))
                            for _ in range(8_000)),
    }  # fmt: skip


@pytest.mark.parametrize("name", nasty_texts())
def test_the_model_reads_every_chunk_of_a_nasty_text_to_its_end(name: str, tmp_path: Path, measure: Measure) -> None:
    assert check(document(tmp_path, nasty_texts()[name]), measure)
