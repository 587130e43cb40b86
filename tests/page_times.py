"""Measures how long a reader waits, in a real browser over the seeds, and prints it as a table: ``make page-times``.

    python -m tests.page_times

Times are the browser's own: from the press of Enter to the picture that shows the answer, and from the request for
the page to its first words. Nothing else should be at work on the machine; the load it had stands below the table.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

from tests.browser import CHROMIUM, FLAGS, served
from tests.measure import GOLDEN, percentiles, say, table
from tests.screenshots import own_seeds

QUESTIONS_WARM = 5
"""Asked before anything is measured."""

TURNS = 5
"""Questions in a conversation, before the next one is begun."""

LOADS = 10

WATCH = """
() => {
  const shown = () => {
    const answers = document.querySelectorAll('#chat .bot-row');
    return answers.length > window.answersBefore && answers[answers.length - 1].querySelector('.turn');
  };
  window.answersBefore = document.querySelectorAll('#chat .bot-row').length;
  window.waited = new Promise((resolve) => {
    let pressed;
    document.addEventListener('keydown', (event) => { pressed = event.timeStamp; }, { capture: true, once: true });
    const observer = new MutationObserver(() => {
      if (!shown()) return;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - pressed))); // the picture is made
    });
    observer.observe(document.querySelector('#chat'), { childList: true, subtree: true, characterData: true });
  });
}
"""
"""Waits for the answer with its buttons: it is whole then, be it quotes or a refusal."""

PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
USABLE = """
() => new Promise((resolve) => {
  const look = () => document.querySelector('#question textarea')
    ? requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))) : requestAnimationFrame(look);
  look();
})
"""


def main() -> None:
    """Prints the table."""
    if CHROMIUM is None:
        sys.exit("There is no Chromium to measure with. Get it: ./tests/get-chromium")
    before = os.getloadavg()[0]
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory()))
        browser = opened.enter_context(sync_playwright()).chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        address = opened.enter_context(served(own_seeds(folder)))
        table(("in Chromium, over the seeds", "p50 / p95"), rows(browser, address))
        browser.close()
    say(f"{os.cpu_count()} cores; load of the machine before: {before:.2f}, after: {os.getloadavg()[0]:.2f}")


def rows(browser: Any, address: str) -> Iterator[tuple[str, str]]:
    """What is measured, and its figures."""
    for name, cold in (("nothing in the browser's cache", True), ("again", False)):
        times = list(loads(browser, address, cold=cold))
        yield f"first paint, {name}", percentiles([painted for painted, _ in times])
        yield f"the question can be typed, {name}", percentiles([usable for _, usable in times])
    questions = [json.loads(line)["question"] for line in GOLDEN.read_text("utf-8").splitlines()]
    yield f"Enter to the answer, {len(questions)} questions", percentiles(list(waits(browser, address, questions)))


def loads(browser: Any, address: str, cold: bool) -> Iterator[tuple[float, float]]:
    """Milliseconds to the first paint and to a field for the question, of each load."""
    context = browser.new_context()
    if not cold:
        open_at(context, address).close()
    for _ in range(LOADS):
        page = (browser.new_context() if cold else context).new_page()
        page.goto(address, wait_until="commit")
        usable = page.evaluate(USABLE)
        page.wait_for_function(PAINTED)
        painted = page.evaluate(PAINTED)
        (page.context if cold else page).close()
        yield painted, usable
    context.close()


def waits(browser: Any, address: str, questions: Sequence[str]) -> Iterator[float]:
    """Milliseconds from Enter to the answer, for each question; some are asked before, unmeasured."""
    page = open_at(browser.new_context(), address)
    warming = questions[:QUESTIONS_WARM]
    for number, question in enumerate([*warming, *questions]):
        if number % TURNS == 0:
            page.get_by_role("button", name="New", exact=True).click()
            expect(page.locator("#chat .bot-row")).to_have_count(0)
        page.get_by_label("Question", exact=True).fill(question)
        page.evaluate(WATCH)
        page.get_by_label("Question", exact=True).press("Enter")
        waited = page.evaluate("() => window.waited")
        expect(page.locator("#send")).to_be_visible()
        if number >= len(warming):
            yield waited
    page.context.close()


def open_at(context: Any, address: str) -> Any:
    """The page, once it says what is indexed."""
    page = context.new_page()
    page.goto(address)
    expect(page.locator(".status")).to_contain_text("built")
    return page


if __name__ == "__main__":
    main()
