"""Who may see the page and what it takes from whom: the password, other origins, rubbish at every endpoint."""

import json
import logging
import re
import stat
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from starlette.routing import Mount, Route

from app.access import FREE_TRIES, LONGEST_WAIT_S, SHORTEST, Attempts, Password, keep_password, read_password
from app.cli import main
from app.server import make_app, names_of
from index.errors import FootnotedError, UsageError
from tests.browser import fetch, served

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports

SECRET = "correct horse battery"


def test_a_password_is_kept_as_a_hash_for_its_owner_only(tmp_path: Path) -> None:
    file = keep_password(tmp_path / "index", SECRET)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert SECRET not in file.read_text("utf-8")
    password = read_password(tmp_path / "index")
    assert password is not None
    assert (password.matches(SECRET), password.matches(SECRET + "x"), password.matches("")) == (True, False, False)
    assert Password.of(SECRET).hash != password.hash  # each has its own salt
    assert read_password(tmp_path) is None


def test_a_short_password_and_a_damaged_file_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"^A password has {SHORTEST} to 1,000 characters"):
        keep_password(tmp_path, "short")
    keep_password(tmp_path, SECRET).write_text("{}", "utf-8")
    with pytest.raises(FootnotedError, match="Set it anew: footnoted password"):
        read_password(tmp_path)


def test_the_command_sets_the_password(tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["password", "--index", str(tmp_path)], input=f"{SECRET}\n{SECRET}\n")
    assert (done.exit_code, SECRET in done.output) == (0, False)
    password = read_password(tmp_path)
    assert password is not None
    assert password.matches(SECRET)


def test_wrong_passwords_are_slowed_down_by_address() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(FREE_TRIES):
        assert not attempts.must_wait("a")
        attempts.failed("a")
    assert (attempts.must_wait("a"), attempts.must_wait("b")) == (True, False)
    waits = []
    for _ in range(12):
        started = now[0]
        while attempts.must_wait("a"):
            now[0] += 1
        waits.append(now[0] - started)
        attempts.failed("a")
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, LONGEST_WAIT_S, LONGEST_WAIT_S, LONGEST_WAIT_S]
    attempts.succeeded("a")
    assert not attempts.must_wait("a")


@pytest.mark.parametrize(("host", "names"), [("0.0.0.0", ["*"]), ("192.0.2.1", ["192.0.2.1", "[192.0.2.1]"])])
def test_a_server_answers_to_its_own_names_only(host: str, names: list[str]) -> None:
    assert names_of(host)[-len(names) :] == names


@pytest.fixture(scope="module")
def guarded(seeds_index: Path) -> Iterator[str]:
    """The address of a page that asks for the password."""
    with served(seeds_index, Password.of(SECRET)) as address:
        yield address


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/config", 401),
        ("/healthz", 401),
        ("/documents/1.txt", 401),
        ("/gradio_api/info", 401),
        ("/x", 401),
    ],
)
def test_without_the_password_nothing_is_told(guarded: str, path: str, status: int) -> None:
    found, headers, body = fetch(guarded + path, cookie="footnoted=guess")
    assert found == status
    assert (b"334 offices" in body, b"gradio" in body, headers["x-frame-options"]) == (False, False, "DENY")


def test_the_password_opens_the_page_and_the_session_stays(guarded: str, browser: Any) -> None:
    from playwright.sync_api import expect

    page = browser.new_page()
    page.goto(guarded)
    for password, said in (("not the password", "This is not the password."), (SECRET, None)):
        page.get_by_label("Password").fill(password)
        page.get_by_label("Password").press("Enter")
        if said:
            expect(page.get_by_role("alert")).to_have_text(said)
    expect(page.locator(".status")).to_contain_text("5 documents")
    [cookie] = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    page.reload()
    expect(page.locator(".status")).to_contain_text("5 documents")
    page.close()


def test_guesses_are_refused_after_some(seeds_index: Path) -> None:
    guess = urlencode({"password": "guess of a password"}).encode()
    with served(seeds_index, Password.of(SECRET)) as address:
        found = [fetch(f"{address}/login", guess)[0] for _ in range(FREE_TRIES + 1)]
        assert found == [403] * FREE_TRIES + [429]
        assert fetch(f"{address}/login", urlencode({"password": SECRET}).encode())[0] == 429
    with served(seeds_index, Password.of(SECRET)) as address:
        assert [fetch(f"{address}/login", data)[0] for data in (b"\xff\0", b"x" * 100_000)] == [403, 403]


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/queue/join", "/uploads/a.txt", "/documents/1.txt"])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
def test_what_another_origin_sends_is_refused(seeds_page: str, path: str, origin: str) -> None:
    assert fetch(seeds_page + path, b"{}", "POST", origin=origin)[0] == 403
    assert fetch(seeds_page + path, origin=origin)[0] == 403


RUBBISH: list[Any] = ["../../etc/passwd", None, 7, {"value": ["x"]}, [["x"]], "\0\ud800", "x" * 100_000]
EVENTS: list[Any] = [None, "x", [1], {"value": "../..", "id": {}, "title": 7, "reference": [], "among": [{}, "x"] * 99}]


def test_rubbish_at_every_event_gets_a_clean_answer(
    own_folder: Path, own_page: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Sent as the page itself sends it: what is wrong is answered on the page, and nothing raises."""
    before = {path.name: path.read_bytes() for path in own_folder.iterdir()}
    events = [one for one in json.loads(fetch(f"{own_page}/config")[2])["dependencies"] if one["backend_fn"]]
    assert len(events) > 20
    failed = []
    for event in events:
        for number, rubbish in enumerate(RUBBISH):
            sent = {
                "fn_index": event["id"],
                "data": [rubbish] * len(event["inputs"]),
                "event_data": EVENTS[number % len(EVENTS)],
                "session_hash": "rubbish",
            }
            status, _, body = predict(own_page, sent)
            failed += [(event["api_name"], rubbish, status, body)] if status != 200 else []
    assert failed == []
    assert {path.name: path.read_bytes() for path in own_folder.iterdir()} == before
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize(
    "sent", [[], "x", {}, {"data": "x"}, {"fn_index": 10**9, "data": []}, {"fn_index": -1, "data": []}]
)
def test_a_call_that_is_none_gets_no_traceback(seeds_page: str, sent: object) -> None:
    status, _, body = predict(seeds_page, sent)
    assert 400 <= status <= 500
    assert b"Traceback" not in body
    assert b"/app/" not in body


def predict(address: str, sent: object) -> tuple[int, Any, bytes]:
    data = json.dumps(sent).encode()
    return fetch(f"{address}/gradio_api/run/predict", data, **{"content-type": "application/json"})


def test_rubbish_at_every_address_gets_a_clean_answer(seeds_page: str, seeds_index: Path) -> None:
    found = {}
    for path, method in sorted(addresses(make_app(seeds_index).routes)):
        filled = re.sub(r"\{[^}]*\}", "..%2f%00x", path)
        request = urllib.request.Request(seeds_page + filled, b"{" if method != "GET" else None, method=method)
        try:
            answer = urllib.request.urlopen(request)  # some never end: only the status is read
        except HTTPError as error:
            answer = error
        with answer:
            found[method, path] = answer.status
    assert len(found) > 40
    assert {one: status for one, status in found.items() if status >= 500} == {}


def addresses(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Every path and method of an application and of those mounted in it."""
    for route in routes:
        if isinstance(route, Mount):
            yield from addresses(route.routes, prefix + route.path)
        elif hasattr(route, "original_router"):
            yield from addresses(route.original_router.routes, prefix + route.include_context.prefix)
        elif isinstance(route, Route):
            yield from ((prefix + route.path, method) for method in (route.methods or ()) if method != "HEAD")
