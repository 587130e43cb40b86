"""What every language model has: a line of questions, a way to stop, a measured speed."""

import threading
import time

import pytest

from rag.generation import Line, Measured, Stage, Stop, Stopped, Usage, measured
from tests.scripted import Scripted


def waiting(line: Line, order: list[int], number: int, stop: Stop) -> tuple[threading.Thread, list[Stage]]:
    """A question that waits in line, and what it is told."""
    told: list[Stage] = []

    def take_turn() -> None:
        try:
            with line.turn(told.append, stop):
                order.append(number)
        except Stopped:
            order.append(-number)

    thread = threading.Thread(target=take_turn)
    thread.start()
    while not told:
        assert thread.is_alive()
        time.sleep(0.001)
    return thread, told


def test_questions_wait_in_the_order_they_came_and_are_told_their_place() -> None:
    line, order, stop = Line(), list[int](), Stop()
    with line.turn(lambda stage: None, stop):
        threads = [waiting(line, order, number, stop) for number in (1, 2, 3)]
        assert [told[0] for _, told in threads] == [Stage("waiting", ahead=place) for place in (1, 2, 3)]
        assert order == []
    for thread, _ in threads:
        thread.join()
    assert order == [1, 2, 3]


def test_a_question_that_is_given_up_leaves_the_line() -> None:
    line, order, stop = Line(), list[int](), Stop()
    with line.turn(lambda stage: None, Stop()):
        first, _ = waiting(line, order, 1, stop)
        second, told = waiting(line, order, 2, Stop())
        stop.press()
        first.join()
        assert order == [-1]
        while told[-1].ahead != 1:
            time.sleep(0.001)
    second.join()
    assert order == [-1, 2]


def test_stopping_wakes_what_waits_and_nothing_that_has_ended() -> None:
    stop, woken = Stop(), list[str]()
    with stop.waking(lambda: woken.append("ended")):
        pass
    with stop.waking(lambda: woken.append("first")), stop.waking(lambda: woken.append("second")):
        stop.press()
        stop.press()
    assert woken == ["first", "second"]
    with pytest.raises(Stopped), stop.waking(lambda: woken.append("late")):
        raise AssertionError
    assert woken == ["first", "second"]


def test_a_model_is_measured() -> None:
    figures = measured(Scripted("one ", "two "))
    assert figures == Measured("scripted", 4096, figures.load_s, 2.0, None)
    assert list(figures.lines())[1] == "writes      2 tokens a second"
    assert Usage(1, 2, 0.0).tokens_per_second == 0.0
