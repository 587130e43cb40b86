"""The documents on the page: paged, sorted and searched in SQL; added, asked alone, taken away and brought back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.documents import PAGE_DOCUMENTS, Documents, Listing, documents_html
from app.files import Arriving, removals, remove, restore
from index import build, open_index
from index.load import KINDS
from tests.browser import OFFICES, Open, ask

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of libraries Gradio imports


@pytest.mark.parametrize(
    ("values", "listing"),
    [
        ({}, Listing()),
        ({"words": " a \n b ", "order": "size", "page": "12"}, Listing("a b", "size", 12)),
        ({"words": 7, "order": "1; DROP TABLE documents", "page": "-1"}, Listing()),
        ({"words": "x" * 1_000, "order": ["size"], "page": "9" * 99}, Listing("x" * 200)),
        ({"page": 3}, Listing()),
    ],
)
def test_which_part_of_the_list_is_read_with_care(values: dict[str, object], listing: Listing) -> None:
    assert Listing.of(values) == listing


def test_the_list_comes_in_pages(tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(PAGE_DOCUMENTS + 3):
        (tmp_path / "many" / f"{number:03}.txt").write_text(f"River {number:03} rose by two metres.", "utf-8")
    build([tmp_path / "many"], tmp_path / "index")
    index = open_index(tmp_path / "index")
    first, second, far = (documents_html(index, Listing(page=page)) for page in (1, 2, 999_999_999))
    assert (first.count("Ask only this"), second.count("Ask only this")) == (PAGE_DOCUMENTS, 3)
    assert "53 documents, page 1 of 2" in first
    assert far == second  # of a list that has become shorter
    assert documents_html(index, Listing(words="RIVER 052")).count("Ask only this") == 0  # a text is not searched here
    assert documents_html(index, Listing(words="MANY/052")).count("Ask only this") == 1


@pytest.mark.parametrize(
    ("asked", "page"),
    [
        ({"words": "river", "order": "name", "page": "3"}, 3),
        ({"words": "sea", "order": "name", "page": "3"}, 1),
        ({"words": "river", "order": "size", "page": "3"}, 1),
    ],
)
def test_other_words_begin_at_the_first_page(seeds_index: Path, asked: dict[str, str], page: int) -> None:
    import gradio as gr

    _, listing = Documents(seeds_index).list(gr.EventData(None, asked), Listing("river", page=2))
    assert listing.page == page


def test_what_became_of_uploads_scrolls_and_goes(open_page: Open, own_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    files = [{"name": f"{number}.txt", "mimeType": "", "buffer": b"Mill %d burnt." % number} for number in range(20)]
    page.get_by_label("Add articles").set_input_files([*files, {"name": "x.exe", "mimeType": "", "buffer": b"x"}])
    said = page.locator("#upload li")
    expect(said.last).to_contain_text("x.exe: Files of this kind are not read.")
    expect(said.last).to_be_in_viewport()
    assert page.get_by_role("log", name="Files sent").bounding_box()["height"] <= 160
    page.get_by_role("button", name="Rebuild index").click()
    expect(page.locator(".status")).to_contain_text("25 documents")
    expect(said).to_have_text(["x.exe: Files of this kind are not read. There are: " + ", ".join(KINDS) + ". "])
    page.get_by_role("button", name="Clear this list").click()
    expect(said).to_have_count(0)
    expect(page.get_by_label("Add articles")).to_be_focused()


def test_an_index_that_has_gone_is_built_anew_from_its_own_folders(
    articles: Callable[..., Path], tmp_path: Path
) -> None:
    folder, index_dir = articles(mill="The mill by the river has ground flour since 1820."), tmp_path / "index"
    build(folder, index_dir, follow_links=True)
    documents = Documents(index_dir)
    shutil.rmtree(index_dir)
    *_, (said, _) = documents.rebuild()
    assert "1 documents in 1 chunks" in said
    made = open_index(index_dir)
    assert (list(made.folders.values()), made.manifest.follow_links) == ([folder], True)
    shutil.rmtree(index_dir)
    [(said, _)] = Documents(index_dir).rebuild()
    assert f"No index in {index_dir}." in said
    assert not index_dir.exists()


def test_a_file_that_was_replaced_is_not_called_taken_away(articles: Callable[..., Path], tmp_path: Path) -> None:
    folder, index_dir = articles(mill="The mill stands.", choir="Forty children sang."), tmp_path / "index"
    build(folder, index_dir)
    arriving = Arriving(folder, "mill.txt")
    arriving.write(b"The mill has fallen.")
    arriving.settle(open_index(index_dir), replace=True)
    arriving.close()
    build(index_dir=index_dir)
    index = open_index(index_dir)
    html = documents_html(index, Listing())
    assert "articles/mill.txt was replaced. Remove the new file to bring the old one back." in html
    assert ("was taken away" in html, "Rebuild the index" in html, 'name="bring"' in html) == (False, False, False)
    mill = next(row.id for row in index.documents() if row.path == "mill.txt")
    assert f'name="remove" value="{mill}"' in html
    newer = remove(index, mill)
    html = documents_html(index, Listing())
    assert html.count("articles/mill.txt was taken away.") == 2
    older = next(one.id for one in removals(index) if one.id != newer.id)
    restore(index, older)
    assert (folder / "mill.txt").read_text("utf-8") == "The mill stands."


def test_a_file_that_comes_back_after_a_rebuild_is_said_not_to_be_in_the_index(
    open_page: Open, own_page: str, own_folder: Path
) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    rows, unknown = page.locator("#documents .rows > li"), page.locator("#documents .unknown")
    for is_rebuilt in (False, True):
        rows.last.locator("summary").click()
        rows.last.get_by_role("button", name="Remove the file").click()
        expect(rows.last).to_contain_text("taken away")
        if is_rebuilt:
            page.get_by_role("button", name="Rebuild index").click()
            expect(rows).to_have_count(4)
        page.locator("#documents .gone").get_by_role("button", name="Undo").click()
        expect(page.locator("#documents .gone")).to_have_count(0)
        assert len(list(own_folder.glob("*.txt"))) == 5
        expect(unknown).to_have_count(int(is_rebuilt))
    expect(unknown).to_contain_text("is back in its folder. Rebuild the index to ask about it.")
    expect(unknown).to_be_focused()
    page.get_by_role("button", name="Rebuild index").click()
    expect(rows).to_have_count(5)
    expect(unknown).to_have_count(0)


def test_documents_are_sorted_by_size_and_found_by_name(open_page: Open, seeds_page: str, seeds_index: Path) -> None:
    from playwright.sync_api import expect

    rows = open_index(seeds_index).documents()
    page = open_page(seeds_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    page.get_by_label("Sort by").select_option("Size")
    page.get_by_role("button", name="Show", exact=True).click()
    sizes = sorted(
        (f"{row.characters:,} characters" for row in rows), key=lambda text: -int(text[:-11].replace(",", ""))
    )
    expect(page.locator("#documents .rows > li > .small:last-of-type")).to_contain_text(sizes)
    page.get_by_label("Words of a title").fill("COOPERATION china")
    page.get_by_label("Words of a title").press("Enter")
    expect(page.locator("#documents .rows > li")).to_have_count(1)
    page.get_by_role("button", name="Ask only this").click()
    expect(page.locator("#filters .active")).to_contain_text("Document seeds/001_963e728015908ae9.txt")
    page.keyboard.press("Escape")
    expect(ask(page, OFFICES)).to_contain_text("334 offices")


def test_documents_are_sorted_by_state(open_page: Open, own_page: str) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    rows = page.locator("#documents .rows > li")
    last = rows.last.locator("a").text_content()
    rows.last.locator("summary").click()
    rows.last.get_by_role("button", name="Remove the file").click()
    expect(rows.last).to_contain_text("taken away")
    expect(rows.first).to_contain_text("in the index")
    page.get_by_label("Sort by").select_option("State, taken away first")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(rows.first).to_contain_text("taken away")
    expect(rows.first.locator("a")).to_have_text(last)
    expect(rows).to_have_count(5)
    gone = page.locator("#documents .gone")
    expect(gone).to_contain_text("Rebuild the index to leave them out of the answers.")
    page.get_by_role("button", name="Rebuild index").click()
    expect(rows).to_have_count(4)
    expect(gone).to_contain_text("They are erased after a day.")
    expect(gone).not_to_contain_text("Rebuild the index")


def test_an_article_is_added_and_one_is_taken_away_and_brought_back(
    open_page: Open, own_page: str, own_folder: Path
) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    text = "The harbour of Porto Verde landed 4,711 tonnes of sardines.\n"
    page.get_by_label("Add articles").set_input_files(
        [
            {"name": "<img src=x>.txt", "mimeType": "text/plain", "buffer": text.encode()},
            {"name": "run.exe", "mimeType": "text/plain", "buffer": b"MZ"},
        ]
    )
    said = page.locator("#upload li")
    expect(said).to_contain_text(["<img src=x>.txt: Added.", "run.exe: Files of this kind are not read."])
    page.get_by_label("Add articles").set_input_files(
        {"name": "<img src=x>.txt", "mimeType": "", "buffer": b"new text"}
    )
    expect(said.last).to_contain_text("There is a file <img src=x>.txt already.")
    assert (own_folder / "<img src=x>.txt").read_text("utf-8") == text
    page.get_by_role("button", name="Rebuild index").click()
    expect(page.locator(".status")).to_contain_text("6 documents")
    row = page.locator("#documents .rows > li", has_text="<img src=x>")
    row.locator("summary").click()
    row.get_by_role("button", name="Remove the file").click()
    gone = page.locator("#documents .gone")
    expect(gone).to_contain_text("articles/<img src=x>.txt was taken away.")
    assert not (own_folder / "<img src=x>.txt").exists()
    gone.get_by_role("button", name="Undo").click()
    expect(gone).to_have_count(0)
    assert (own_folder / "<img src=x>.txt").read_text("utf-8") == text


def test_files_are_dropped_into_the_folder(open_page: Open, own_page: str, own_folder: Path) -> None:
    from playwright.sync_api import expect

    page = open_page(own_page)
    page.get_by_role("button", name="Documents", exact=True).click()
    expect(page.get_by_label("Add articles")).to_be_visible()
    page.locator("#upload .drop").evaluate(
        """(target) => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(['Dropped.'], 'dropped.txt'));
          target.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer }));
        }"""
    )
    expect(page.locator("#upload li")).to_contain_text("dropped.txt: Added.")
    assert (own_folder / "dropped.txt").read_text("utf-8") == "Dropped."
