"""What `page_times` measures is what a reader waits for: the whole answer, or the whole refusal."""

from typing import Any

import pytest

from tests.browser import OFFICES
from tests.page_times import loads, waits

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


def test_the_wait_for_an_answer_and_for_the_page_are_measured(browser: Any, seeds_page: str) -> None:
    answered, refused = waits(browser, seeds_page, [OFFICES, "How long should I boil an egg?"])
    assert answered > 0
    assert refused > 0
    painted, usable = next(loads(browser, seeds_page, cold=True))
    assert 0 < painted <= usable
