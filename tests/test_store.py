"""Conversations on disk: kept, found, renamed, deleted and brought back, each apart from the others."""

import contextlib
import sqlite3
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from app.store import FILE, ID, LONGEST_TITLE, Conversation, NotKept, Store
from app.turns import Note, Turn

RIVER = Turn(
    "What rose?", "“The river.” [1]", "> The river.", "2026-05-01T10:00:00+00:00", {}, (Note(1, "a", 0, 1, "T"),)
)
HARBOUR = Turn("What fell?", "The documents do not say.", "The documents do not say.", "2026-05-02T10:00:00+00:00")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def change(folder: Path, turn: str) -> None:
    """Puts what an SQL expression makes of them in the place of the kept turns."""
    with contextlib.closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute(f"UPDATE turns SET turn = {turn}")


def test_turns_come_back_as_they_were_and_in_order(store: Store) -> None:
    one = store.add("", RIVER)
    assert ID.fullmatch(one)
    assert store.add(one, HARBOUR) == one
    first, second = store.turns(one)
    assert [first, second] == [replace(RIVER, id=first.id), replace(HARBOUR, id=second.id)]
    store.replace(one, first.id, HARBOUR)
    assert store.turn(one, first.id) == replace(HARBOUR, id=first.id)


def test_a_turn_of_a_version_without_marks_is_read(store: Store, tmp_path: Path) -> None:
    one = store.add("", replace(RIVER, notes=(Note(1, "a", 0, 9, "The river", marks=((4, 9),)),)))
    [turn] = store.turns(one)
    assert [note.marks for note in turn.notes] == [((4, 9),)]
    change(tmp_path, "json_remove(turn, '$.notes[0].marks')")
    assert store.turns(one) == [replace(turn, notes=(Note(1, "a", 0, 9, "The river"),))]


def test_kept_marks_that_are_not_inside_their_quote_are_left_out(store: Store, tmp_path: Path) -> None:
    one = store.add("", replace(RIVER, notes=(Note(1, "a", 100, 109, "The river", marks=((104, 109),)),)))
    assert store.turns(one)[0].notes[0].marks_in_quote == [(4, 9)]
    change(tmp_path, "json_set(turn, '$.notes[0].marks', json('[[104, 900]]'))")
    assert store.turns(one)[0].notes[0].marks_in_quote == []


def test_conversations_do_not_mix(store: Store) -> None:
    one, other = store.add("", RIVER), store.add("", HARBOUR)
    [turn] = store.turns(one)
    assert store.turn(other, turn.id) is None
    store.replace(other, turn.id, HARBOUR)
    assert store.turns(one) == [turn]
    assert store.add("no-such-convers_", RIVER) not in (one, other)


def test_the_list_has_the_newest_first_and_finds_words_in_questions_and_answers(store: Store) -> None:
    old, new = store.add("", RIVER), store.add("", HARBOUR)
    listed = [Conversation(new, "What fell?", HARBOUR.asked, 1), Conversation(old, "What rose?", RIVER.asked, 1)]
    assert store.listed("", 10) == listed
    assert store.listed("", 1) == listed[:1]
    assert store.listed("RIVER rose", 10) == listed[1:]
    assert store.listed("generation", 10) == []  # the name of a field is no word of a conversation


def test_a_title_is_the_first_question_until_it_is_changed(store: Store) -> None:
    one = store.add("", replace(RIVER, question="word " * 100))
    title = store.title(one)
    assert title is not None
    assert len(title) <= LONGEST_TITLE + 2
    store.rename(one, "On rivers")
    assert store.title(one) == "On rivers"


def test_what_is_deleted_can_be_brought_back_for_a_day(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = store.add("", RIVER), store.add("", HARBOUR)
    store.delete(one)
    assert (store.turns(one), store.title(one), len(store.listed("", 10))) == ([], None, 1)
    assert store.add(one, HARBOUR) != one
    store.restore(one)
    assert len(store.turns(one)) == 1
    store.delete(one)
    monkeypatch.setattr("app.store.UNDO_DAYS", -1)  # as if a day had gone by
    store.delete(other)
    store.restore(one)
    assert store.turns(one) == []
    assert RIVER.question.encode() not in store.file.read_bytes()


def test_only_its_owner_can_read_the_file(store: Store) -> None:
    store.add("", RIVER)
    assert stat.S_IMODE(store.file.stat().st_mode) == 0o600


def test_a_file_that_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("no database", "utf-8")
    with pytest.raises(NotKept, match=r"^Conversations cannot be kept in .*conversations\.sqlite \(.*\)\.$"):
        Store(tmp_path).add("", RIVER)
    with pytest.raises(NotKept):
        Store(tmp_path / "none").listed("", 10)
