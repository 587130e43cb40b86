"""Saved mail becomes its text, with subject, sender and date, or a reason."""

from email.message import EmailMessage

import pytest

from index.metadata import Metadata
from index.read_mail import read_mail
from index.reading import Unreadable

RIVER = "The river rose by two metres on Friday, and nobody was hurt, said the mayor of the town."
PAGE = f"<html><head><style>p {{}}</style></head><body><p>{RIVER}</p><script>alert(1)</script></body></html>"


def mail(text: str | None = RIVER, html: str | None = None) -> EmailMessage:
    one = EmailMessage()
    one["Subject"] = "Über den Fluß"
    one["From"] = "Ann Lee <ann@post.example>"
    one["Date"] = "Fri, 14 Apr 2023 23:30:00 -0500"
    if text is not None:
        one.set_content(text)
    if html is not None and text is None:
        one.set_content(html, subtype="html")
    elif html is not None:
        one.add_alternative(html, subtype="html")
    return one


def test_a_mail_becomes_its_text_and_what_its_header_says() -> None:
    reading = read_mail(bytes(mail()))
    assert reading.text == RIVER + "\n"
    assert reading.metadata == Metadata(
        title="Über den Fluß",
        author="Ann Lee",
        published="2023-04-14",
        sources={"title": "mail: Subject", "author": "mail: From", "published": "mail: Date"},
    )


def test_the_language_of_a_mail_is_the_one_its_header_names() -> None:
    one = mail()
    one["Content-Language"] = "de-CH"
    known = read_mail(bytes(one)).metadata
    assert (known.language, known.sources["language"]) == ("de", "mail: Content-Language")


def test_the_plain_part_is_read_where_there_are_two() -> None:
    assert read_mail(bytes(mail("Plain words.", PAGE))).text == "Plain words.\n"


@pytest.mark.parametrize("text", [None, " \n"])
def test_the_html_part_is_read_as_a_page_where_there_is_no_plain_one(text: str | None) -> None:
    assert read_mail(bytes(mail(text, PAGE))).text == RIVER


def test_attachments_are_counted_and_not_read() -> None:
    one = mail()
    one.add_attachment(b"secret", maintype="text", subtype="plain", filename="a.txt")
    reading = read_mail(bytes(one))
    assert (reading.text, reading.notes) == (RIVER + "\n", ("1 attached file was not read",))


def raw(charset: str, body: bytes) -> bytes:
    head = f"From: ann@post.example\nSubject: River\nContent-Type: text/plain; charset={charset}\n"
    return (head + "Content-Transfer-Encoding: 8bit\n\n").encode() + body


@pytest.mark.parametrize(
    ("charset", "body", "text", "notes"),
    [
        ("iso-8859-1", "Zürich".encode("latin-1"), "Zürich", ()),
        ("us-ascii", "Zürich".encode(), "Zürich", ("its text is not in us-ascii, as it says",)),
        ("no-such-thing", "Zürich".encode(), "Zürich", ("its text is not in no-such-thing, as it says",)),
        ('"', b"River", "River", ()),
    ],
)
def test_a_broken_charset_costs_a_note(charset: str, body: bytes, text: str, notes: tuple[str, ...]) -> None:
    reading = read_mail(raw(charset, body))
    assert (reading.text, reading.notes, reading.metadata.author) == (text, notes, "ann@post.example")


@pytest.mark.parametrize("date", ["", "yesterday", "Fri, 99 Apr 2023 25:00:00 +9999"])
def test_a_date_that_is_none_is_unknown(date: str) -> None:
    assert read_mail(f"From: a@b.example\nDate: {date}\n\nThe river rose.".encode()).metadata.published is None


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"The river rose.\nIt fell.\n", "it is not a mail: it names no sender, subject or date"),
        (bytes(range(256)), "it is not a mail: it names no sender, subject or date"),
        (b"From: a@b.example\n\n \n", "it has no text: neither a plain part nor an HTML part"),
        (bytes(mail(None)), "it has no text: neither a plain part nor an HTML part"),
        (b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--y\n",
         "it has no text: neither a plain part nor an HTML part"),
    ],
)  # fmt: skip
def test_what_is_no_mail_says_why(data: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_mail(data)
    assert str(caught.value) == why
