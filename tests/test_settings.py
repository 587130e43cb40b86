"""What a reader chooses: language, light or dark, how many passages; and that every word has its translation."""

import ast
import importlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from app.building import STILL_BUILDING
from app.documents import CHANGES, ONE_CHANGE, ORDER_LABELS, STAGES
from app.filters import LABELS, NO_DATE
from app.footnotes import REFUSALS
from app.notes import NOTES, PROBLEMS, REASONS, SOURCES, say_note, say_problem, say_reason, say_source
from app.settings import BY, COOKIE, NOBODY, SCHEMES, UNSUPPORTED, Settings, answer_as_chosen
from app.words import LANGUAGES, moment, say, say_again, say_names, table
from index import build, open_index
from index.errors import BuildFailed, NoIndex, UsageError
from index.opened import Index
from rag.answer import IN_FULL, INSTEAD, NOT_ASKED, NOT_NAMED, OTHER_LANGUAGE, REFUSAL
from rag.evaluate import Outcome
from rag.question import EMPTY, checked_question
from rag.server import ServerModel
from rag.where import FILTERS, nothing_passes
from tests.browser import Open, Serve, fetch

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports

APP = Path(__file__).resolve().parent.parent / "app"
SPANISH = "footnoted_settings=es.dark.3"


@pytest.mark.parametrize("cookie", [None, "", "es", "xx.dark.3 ", "es.dark.3\n", "es.dark.33", "es.<b>.3", "e" * 9_999])
def test_a_cookie_that_is_none_changes_nothing(cookie: object) -> None:
    assert Settings.parse(cookie) == Settings()


def test_choices_come_back_and_what_is_not_offered_does_not() -> None:
    for chosen in (Settings("es", "light", 5), Settings("en", "dark", 3, "off", "out")):
        assert Settings.parse(str(chosen)) == chosen
    assert Settings.of(unsupported="<b>") == Settings()
    assert Settings.of("xx", "pink", "7") == Settings()
    assert Settings.parse("xx.dark.9") == Settings("en", "dark", 8)


def test_every_text_of_the_templates_is_in_spanish() -> None:
    texts = {key for file in APP.glob("static/*.html") for key in re.findall(r'_\("([^"]+)"', file.read_text("utf-8"))}
    assert len(texts) > 50
    assert sorted(texts - table("es").keys()) == []


SAYING = {"say": 0, "notice_html": 0, "clipping_html": 1}
"""What is called with a text for the page, and where among its arguments that is."""


def texts_in(file: Path) -> Iterator[str]:
    """The texts that a module gives to the page: written there, or constants of its own."""
    module = importlib.import_module(f"app.{file.stem}")
    for call in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        place = SAYING.get(call.func.id)
        given = [one.value for one in call.keywords if one.arg in ("hint", "said")] if call.func.id == "render" else []
        given += call.args[place : place + 1] if place is not None else []
        for text in given:
            value = text.value if isinstance(text, ast.Constant) else getattr(module, getattr(text, "id", ""), None)
            if isinstance(value, str) and value:
                yield value


def test_every_text_of_the_modules_is_in_spanish() -> None:
    texts = {text for file in APP.glob("*.py") if file.stem not in ("__init__", "cli") for text in texts_in(file)}
    assert len(texts) > 40
    offered = {
        *STAGES.values(),
        *ONE_CHANGE,
        *CHANGES,
        STILL_BUILDING,
        *ORDER_LABELS.values(),
        *LABELS.values(),
        *REFUSALS,
        *NOTES,
        *PROBLEMS,
        *REASONS,
        *SOURCES,
        *SCHEMES.values(),
        BY,
        NOBODY,
        *UNSUPPORTED.values(),
        *map(str, FILTERS),
        NO_DATE,
    }
    assert sorted((texts | offered) - table("es").keys()) == []


def test_a_refusal_is_said_in_spanish_whatever_its_reason(golden_outcomes: Sequence[Outcome]) -> None:
    refusals = {one.answer.text for one in golden_outcomes if one.answer.refused}
    assert len(refusals) > 10
    known = [re.sub(r"\\{\w+\\}", ".+", re.escape(one)) for one in REFUSALS]
    assert [text for text in refusals if not any(re.fullmatch(one, text) for one in known)] == []


def test_numbers_and_moments_are_written_as_the_language_writes_them() -> None:
    assert say("{number} characters", number=12_345) == "12,345 characters"
    answer_as_chosen({COOKIE: "es.dark.3"})
    assert say("{number} characters", number=12_345) == "12.345 caracteres"
    assert moment("2023-04-14T09:30:00").startswith("14 de abril de 2023, ")
    assert say_again(f"{REFUSAL} No sentence in them mentions Rome or Oslo.", REFUSALS, names=say_names) == (
        "Los documentos no lo dicen. Ninguna de sus frases menciona Rome o Oslo."
    )
    answer_as_chosen({})


def test_what_an_answer_says_of_how_it_was_made_is_said_in_spanish() -> None:
    server = ServerModel("http://127.0.0.1:1/v1", "qwen or two")
    answer_as_chosen({COOKIE: "es.dark.3"})
    problems = [OTHER_LANGUAGE, EMPTY, server._away(), server._broken_off(), server._unreadable()]
    problems += [server._refused(401, None), server._refused(500, {"message": "no"}), server._refused(500, None)]
    assert [problem for problem in problems if say_problem(problem) == problem] == []
    with pytest.raises(UsageError) as refused:
        checked_question("w" * 5_000)
    assert (
        say_problem(str(refused.value)) == "La pregunta tiene 5.000 caracteres; se leen hasta 2.000. Hágala más breve."
    )
    notes = [
        NOT_ASKED,
        "reranking: x",
        "inference: x",
        f"names: {NOT_NAMED.format(names='Ada')}",
        f"names: {IN_FULL.format(names='AMLO')}",
        "filter: No document has the publisher Reuters.",
        f"language: {OTHER_LANGUAGE}",
    ]
    assert [note for note in notes if say_note(note) == note] == []
    assert say_note(f"generation: {server._away()} {INSTEAD}") == (
        f"redacción: No se llega a {server.name}. ¿Está en marcha el servidor? "
        "Se muestran en su lugar las palabras de los documentos."
    )
    assert say_note("something new") == "something new"
    answer_as_chosen({})


def test_where_a_particular_is_from_is_said_in_spanish() -> None:
    program = " ".join(file.read_text("utf-8") for file in (APP.parent / "index").glob("*.py"))
    fields = {*re.findall(r'Field\(.*, f?"([^"]+)"\)', program), "column: x", "field: x", "its words", "first line"}
    fields |= {f"{name}: x" for name in re.findall(r'LineRule\(\s*(?:"\w+"|None),\s*"([^"]+)"', program)}
    assert len(fields) > 20
    answer_as_chosen({COOKIE: "es.dark.3"})
    same = {one for one in fields if say_source(one) == one}
    assert say_source("source line: Source: its words") == "línea de la fuente: Source: its words"
    answer_as_chosen({})
    assert {one.split(": ")[0] for one in same} == {"{NAME}", "{place}", "html", "JSON-LD", "meta", "htmldate"}


def test_what_a_spanish_page_hands_out_or_cannot_keep_is_said_in_spanish(
    open_page: Open, seeds_page: str, serve_index: Serve, seeds_copy: Path, tmp_path: Path
) -> None:
    from playwright.sync_api import expect

    cookie = f"{COOKIE}=es.light.8"
    for path, said in (
        ("/documents/9999.txt", "No hay tal documento en el índice."),
        ("/documents/9999/file", "No hay tal documento en el índice."),
        (f"/conversations/{'0' * 16}.md", "No hay tal conversación."),
    ):
        status, _, body = fetch(seeds_page + path, Cookie=cookie)
        assert (status, body.decode()) == (404, said)
    build([seeds_copy], tmp_path / "index")
    (tmp_path / "index" / "conversations.sqlite").mkdir()
    page = open_page(serve_index(tmp_path / "index"), locale="es")
    expect(page.locator(".status")).to_contain_text("documents")  # a reload in the middle leaves an error
    page.context.add_cookies([{"name": COOKIE, "value": "es.light.8", "url": page.url}])
    page.reload()
    page.get_by_role("button", name="Conversaciones").click()
    side = page.locator("#conversations-side")
    expect(side).to_contain_text("Las conversaciones no se pueden guardar en")
    expect(side).not_to_contain_text("Cada pregunta se guarda aquí")
    page.keyboard.press("Escape")
    expect(side).not_to_be_in_viewport()
    page.get_by_role("button", name="Documentos").click()
    page.locator("#documents .rows a").first.click()
    expect(page.locator("#source dl")).to_contain_text("de: sus palabras")


REASON_AT = {"Unreadable": 0, "Skipped": 2, "_skipped": 1, "add": 1}
"""What is called with the reason why something is not read, and where among its arguments that is."""


def reasons_in(file: Path) -> Iterator[str]:
    """The reasons that a module of the index gives, with "7" for each value in them."""
    module = importlib.import_module(f"index.{file.stem}")
    for one in ast.walk(ast.parse(file.read_text("utf-8"))):
        text: ast.AST | None = None
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Name | ast.Attribute):
            place = REASON_AT.get(one.func.id if isinstance(one.func, ast.Name) else one.func.attr)
            text = one.args[place] if place is not None and place < len(one.args) else None
        elif isinstance(one, ast.Return) and file.stem == "table":  # what is wrong with a record
            text = one.value
        if isinstance(text, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in text.values)
        elif isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value
        elif isinstance(text, ast.Name) and text.id.isupper():
            yield getattr(module, text.id)


def test_every_reason_for_a_skipped_file_is_said_in_spanish() -> None:
    reasons = {reason for file in (APP.parent / "index").glob("*.py") for reason in reasons_in(file)}
    reasons -= {"77", "none of its 7 rows is an article7"}  # with a reason inside, see below
    assert len(reasons) > 40
    answer_as_chosen({COOKIE: "es.dark.3"})
    assert [reason for reason in reasons if say_reason(reason) == reason] == []
    assert say_reason("row 3: its date says nothing known: row 4: soon") == (
        "fila 3: su date no dice nada conocido: row 4: soon"
    )
    assert say_reason("none of its 2 rows is an article (row 1: it holds no words)") == (
        "ninguna de sus 2 filas es un artículo (fila 1: no tiene palabras)"
    )
    answer_as_chosen({})


def test_what_keeps_a_build_from_its_end_is_said_in_spanish(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    with pytest.raises(BuildFailed) as empty:
        build([articles], tmp_path / "index")
    (articles / "a.pdf").write_bytes(b"no")
    with pytest.raises(BuildFailed) as unread:
        build([articles], tmp_path / "index")
    with pytest.raises(NoIndex) as missing:
        open_index(tmp_path / "index")
    answer_as_chosen({COOKIE: "es.dark.3"})
    assert say_problem(str(empty.value)).endswith("y rehaga el índice; no se ha cambiado nada.")
    assert say_problem(str(unread.value)) == (
        f"No se pudo leer ningún archivo de {articles} (articles/a.pdf: no es un PDF); no se ha cambiado nada."
    )
    assert say_problem(str(missing.value)) == (
        f"No hay índice en {tmp_path / 'index'}. Haga uno: footnoted build FOLDER"
    )
    answer_as_chosen({})


def test_what_a_filter_lets_nothing_through_for_is_said_in_spanish(made: Callable[..., Index]) -> None:
    bare = made(mill="The mill by the river has ground flour since 1820.")
    known = "publisher: El Norte\nauthor: Ana Paz\npublished: 2023-04"
    (bare.folders["articles"] / "river.md").write_text(f"---\n{known}\n---\nThe river rose by two metres.\n", "utf-8")
    index = made()
    asked = {"document": "x", "publisher": "Xyz", "author": "Xyz", "since": "2100", "until": "1900"}
    near = {"document": "rivr.md", "publisher": "El Nrte", "author": "Anna Paz"}
    reasons = {
        reason for known in (index, bare) for name in asked for reason in nothing_passes(known, {name: asked[name]})
    }
    reasons |= {reason for name, value in near.items() for reason in nothing_passes(index, {name: value})}
    with pytest.raises(UsageError) as backwards:
        nothing_passes(index, {"since": "2024", "until": "2023"})
    answer_as_chosen({COOKIE: "es.dark.3"})
    assert len(reasons) == 14 - 2  # all that there are but the one of all filters together, and this one
    assert [reason for reason in {*reasons, str(backwards.value)} if say_problem(reason) == reason] == []
    assert say_problem("No document has the publisher El Nort. Did you mean El Norte?") == (
        "Ningún documento es del medio El Nort. ¿Quiso decir El Norte?"
    )
    assert say_problem("No document passes all of these filters: publisher El Norte, since 2024.") == (
        "Ningún documento pasa todos estos filtros: Medio El Norte, Desde 2024."
    )
    answer_as_chosen({})


def test_every_spanish_text_has_its_english_one_in_the_program() -> None:
    program = " ".join(
        file.read_text("utf-8")
        for kind in ("app/*.py", "app/static/*.html", "rag/*.py")
        for file in APP.parent.glob(kind)
    )
    joined = re.sub(r'"\s*\n\s*"', "", program)  # texts that are longer than a line
    assert [key for key in table("es") if key not in joined.replace("\\\\", "\\")] == []


def test_translations_take_the_same_values() -> None:
    for file in LANGUAGES.glob("*.json"):
        for english, other in json.loads(file.read_text("utf-8")).items():
            assert set(re.findall(r"\{\w+\}", english)) == set(re.findall(r"\{\w+\}", other)), english


def test_the_settings_are_kept_and_lead_back_to_this_page_only(seeds_page: str) -> None:
    import http.client

    for referer, back in (
        (f"{seeds_page}/?publisher=x", "/?publisher=x"),
        ("http://evil.example/?publisher=x", "/"),
        ("", "/"),
    ):
        connection = http.client.HTTPConnection(seeds_page.removeprefix("http://"))
        connection.request("GET", "/settings?language=es&scheme=dark&passages=3", headers={"referer": referer})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("location")) == (303, back)
        assert (answer.getheader("set-cookie") or "").startswith(f"{SPANISH}.1;")
        connection.close()
    assert fetch(f"{seeds_page}/settings?language=%00&passages=x")[0] == 200


def test_the_page_is_spanish_dark_and_short_when_that_is_chosen(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page, "/?publisher=a")
    page.get_by_label("Question", exact=True).fill("How long")
    page.get_by_role("button", name="Settings", exact=True).click()
    page.get_by_label("Language").select_option("Español")
    page.get_by_label("Colours").select_option("Dark")
    page.get_by_label("Passages shown").select_option("3")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_role("heading", name="¿Qué quiere saber?")).to_be_visible()
    expect(page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page).to_have_url(f"{seeds_page}/?publisher=a")
    expect(page.get_by_label("Pregunta", exact=True)).to_have_value("How long")
    page.get_by_role("button", name="Quitar el filtro").click()
    expect(page.locator("#filters .active")).to_have_count(0)
    page.get_by_label("Pregunta", exact=True).fill("How long should I boil an egg?")
    page.get_by_role("button", name="Preguntar", exact=True).click()
    answer = page.locator("#chat .bot-row")
    expect(answer).to_contain_text("Pasajes más cercanos (no son una respuesta)")
    expect(answer.locator("ol li")).to_have_count(3)
    expect(answer.get_by_role("button", name="Copiar con notas")).to_be_visible()
    page.reload()
    expect(answer).to_contain_text("Pasajes más cercanos (no son una respuesta)")
    expect(page.get_by_label("Pregunta", exact=True)).to_have_value("")  # it was asked


def test_a_filter_of_a_spanish_page_is_filled_in_under_spanish_names(open_page: Open, seeds_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(seeds_page, color_scheme="dark")
    page.context.add_cookies([{"name": "footnoted_settings", "value": "es.light.8", "url": seeds_page}])
    page.reload()
    page.get_by_text("Filtrar").click()
    page.locator("#filters").get_by_label("Medio").fill("Latin Post")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("#filters .active")).to_contain_text("Medio Latin Post")
    expect(page.locator("body")).not_to_have_class(re.compile(r"\bdark\b"))
