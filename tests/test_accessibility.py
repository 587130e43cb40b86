"""No state of the page breaks a serious or critical rule of axe-core, in light and in dark, or is too wide."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import Open, Serve, served
from tests.screenshots import SAID, STATES, WRITING_STATES, State, WritingState, own_seeds
from tests.scripted import Stepped

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


@pytest.fixture(scope="module")
def states_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A page over seeds that one of the states takes a file of."""
    with served(own_seeds(tmp_path_factory.mktemp("states"))) as address:
        yield address


def broken_rules(page: Any) -> list[tuple[str, str, list[str]]]:
    """Rule, weight and the elements that break it."""
    from axe_playwright_python.sync_playwright import Axe

    return [
        (found["id"], found["impact"], [node["html"][:200] for node in found["nodes"]])
        for found in Axe().run(page).response["violations"]
        if found["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_every_state_can_be_used_by_everyone(open_page: Open, states_page: str, state: State) -> None:
    page = open_page(states_page)
    state(page)
    check(page)


@pytest.mark.parametrize("state", WRITING_STATES, ids=lambda state: state.__name__)
def test_every_state_with_a_model_can_be_used_by_everyone(
    open_page: Open, serve_index: Serve, seeds_index: Path, state: WritingState
) -> None:
    with Stepped(*SAID) as model:
        page = open_page(serve_index(seeds_index, generator=model))
        state(model, page)
        check(page)


def check(page: Any) -> None:
    """No rule broken in light and in dark, and nothing wider than a narrow window, or than one zoomed to 200 %."""
    assert broken_rules(page) == []
    page.evaluate("document.body.classList.toggle('dark')")
    assert broken_rules(page) == []
    for width in (768, 720, 390, 320):  # 720: as 1440 at 200 %
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
