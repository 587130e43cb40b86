"""Saved mail: the text as it was sent, or its HTML part read as a page; subject, sender and date as particulars."""

from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import cast

from index.metadata import Field
from index.read_html import read_page
from index.read_text import decode
from index.reading import Reading, Unreadable, extracted, storable

BROKEN_HEADER = (AttributeError, ValueError, IndexError, LookupError, TypeError, MessageError)
"""What Python's parser of headers raises on some that are broken; such a header is unknown."""


def read_mail(data: bytes) -> Reading:
    """The text of a mail. Attachments are not read; a note says how many there are."""
    from email import message_from_bytes

    mail = message_from_bytes(data, policy=default)
    if not any(_header(mail, name) for name in ("from", "subject", "date", "message-id")):
        raise Unreadable("it is not a mail: it names no sender, subject or date")
    text, notes = _text(mail)
    attached = sum(part.get_content_disposition() == "attachment" for part in mail.walk())
    notes += (f"{attached} attached {'file was' if attached == 1 else 'files were'} not read",) if attached else ()
    return extracted(text, _fields(mail), notes=notes)


def _text(mail: EmailMessage) -> tuple[str, tuple[str, ...]]:
    for kind in ("plain", "html"):
        part = cast(EmailMessage | None, mail.get_body(preferencelist=(kind,)))
        content = part.get_payload(decode=True) if part else None
        if not part or not isinstance(content, bytes) or not content.strip():
            continue
        words, notes = _decoded(content, part.get_content_charset())
        if kind == "plain":
            return storable(words), notes
        return read_page(words).text, notes
    raise Unreadable("it has no text: neither a plain part nor an HTML part")


def _decoded(content: bytes, charset: str | None) -> tuple[str, tuple[str, ...]]:
    """The words in the charset that the mail names, else as any text: mails name charsets wrongly."""
    try:
        return content.decode(charset or "utf-8"), ()
    except (LookupError, ValueError):
        words, notes = decode(content)
        named = (f"its text is not in {charset}, as it says",) if charset else ()
        return words, named + notes


def _fields(mail: EmailMessage) -> list[Field]:
    return [
        Field("title", _header(mail, "subject"), "mail: Subject"),
        Field("author", _sender(mail), "mail: From"),
        Field("published", _sent(mail), "mail: Date"),
        Field("language", _header(mail, "content-language"), "mail: Content-Language"),
    ]


def _header(mail: EmailMessage, name: str) -> str | None:
    try:
        return " ".join(storable(str(mail.get(name) or "")).split()) or None
    except BROKEN_HEADER:
        return None


def _sender(mail: EmailMessage) -> str | None:
    try:
        addresses = mail["from"].addresses
        names = [one.display_name or one.addr_spec for one in addresses]
    except BROKEN_HEADER:
        return _header(mail, "from")
    return ", ".join(" ".join(storable(name).split()) for name in names) or None


def _sent(mail: EmailMessage) -> str | None:
    """The day it was sent, in the sender's own time zone."""
    try:
        return parsedate_to_datetime(_header(mail, "date") or "").date().isoformat()
    except (ValueError, TypeError, IndexError):
        return None
