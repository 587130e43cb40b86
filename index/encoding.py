"""In which encoding a text that is not UTF-8 is written.

Windows-1252, unless much speaks against it: its words are none that this encoding writes, or they are surely of a
language whose letters it lacks. Then charset-normalizer judges. Of a few letters statistics tell nothing, so a short
text is Windows-1252, whatever it may be.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING

from index.language import recognise

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

WESTERN = "cp1252"

ENOUGH = 8
"""Signs beyond ASCII that have to speak against Windows-1252. With fewer, one name decides."""

ROW_SHARE = 0.4
"""Of the signs beyond ASCII, those that stand three or more in a row: Russian has .9, and hardly a word of the
languages of Windows-1252 has any."""

STRANGE_SHARE = 0.15
"""Of the signs beyond ASCII, those amid small letters. French of an old Macintosh has .5, Spanish .2; what is
Windows-1252 has none."""

EASTERN = ("cp1250", "iso8859_2", "iso8859_16", "cp1254", "cp1257", "iso8859_13", "iso8859_3", "iso8859_14", "cp1258")
"""Encodings of Latin letters that look like Windows-1252 and mean others."""

EASTERN_LANGUAGES = {
    "az", "bs", "cs", "cy", "eo", "hr", "hu", "lt", "ltg", "lv", "mt", "pl", "ro", "sk", "sl", "sr", "tr", "vi",
}  # fmt: skip
"""Languages of Latin letters that Windows-1252 cannot write."""

OTHERS = (
    *EASTERN, "cp1251", "cp1253", "cp1255", "cp1256", "cp866", "cp874", "iso8859_4", "iso8859_5", "iso8859_6",
    "iso8859_7", "iso8859_8", "iso8859_10", "iso8859_15", "koi8_r", "koi8_u", "mac_roman", "mac_cyrillic", "gb18030",
    "big5hkscs", "euc_jp", "cp932", "cp949", "cp437", "cp850", "utf_16", "utf_32",
)  # fmt: skip
"""What other texts are written in: the encodings of https://encoding.spec.whatwg.org, and two of DOS. Of the fifty
others that charset-normalizer knows one fits nearly any short text: it read "Señor Peña" as johab."""

AROUND = 40
"""Characters before and after a letter beyond ASCII that tell its language; the rest of a page may be markup."""

LOOKED_AT = 2_000
"""Places with letters beyond ASCII; a text of ten pages has fewer."""

BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
ROW = re.compile(r"[^\x00-\x7f\s‘’“”–—…•·«»]{3,}")
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")
ONLY_IN_WINDOWS = re.compile(rb"[\x80-\x9f]")
WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")

# a capital or a sign amid small letters: "Žcole" and "prŽfet" is how Windows-1252 reads what a Macintosh wrote
STRANGE = re.compile(r"(?<=[a-zß-ÿ])[À-ÞŠŽŸŒƒˆ˜‚„†‡‰™§¢£¤¥¦¨©«¬®¯±´µ¶¸»¿¡](?=[a-zß-ÿ])")


def has_wide_mark(data: bytes) -> bool:
    """True for a text that says it is UTF-16 or UTF-32."""
    return data.startswith(WIDE_MARKS)


def older_encoding(data: bytes) -> str | None:
    """The encoding of a text that is not UTF-8, as Python names it; None for what is not text.

    >>> older_encoding("Señor Peña".encode("cp1252"))
    'cp1252'
    """
    if has_wide_mark(data) or CONTROL.search(data):
        judged = _judged(data, (WESTERN, *OTHERS))
    elif _is_western(data):
        judged = _judged(data, EASTERN)
        if not judged or recognise(_beside(str(judged))) not in EASTERN_LANGUAGES:
            return WESTERN
    else:
        judged = _judged(data, OTHERS)
    return judged.encoding if judged else None


def _is_western(data: bytes) -> bool:
    """False where what Windows-1252 reads is in no language: other letters in rows, or signs amid small letters."""
    beside = _beside(data.decode(WESTERN, "replace"))
    beyond, in_rows = (sum(map(len, pattern.findall(beside))) for pattern in (BEYOND_ASCII, ROW))
    strange = len(STRANGE.findall(beside)) + beside.count("\ufffd")  # five bytes have no meaning
    return beyond < ENOUGH or (in_rows < ROW_SHARE * beyond and strange < STRANGE_SHARE * beyond)


def _beside(text: str) -> str:
    """The letters beyond ASCII with what stands around them."""
    pieces, end = [], 0
    for match in islice(BEYOND_ASCII.finditer(text), LOOKED_AT):
        start, end = max(end, match.start() - AROUND), max(end, match.end() + AROUND)
        pieces.append(text[start:end])
    return "".join(pieces)


def _judged(data: bytes, among: Iterable[str]) -> "CharsetMatch | None":
    from charset_normalizer import from_bytes  # 40 ms, and nearly every file is UTF-8

    matches = from_bytes(data, cp_isolation=list(among))
    best = matches.best()
    if best is None:
        return None
    equals = {match.encoding: match for match in matches if _rank(match) == _rank(best)}
    # Czech reads as well in cp1250, with other letters; what is cp1250 has some of its letters where ISO has none
    return best if ONLY_IN_WINDOWS.search(data) else equals.get("iso8859_2", best)


def _rank(match: "CharsetMatch") -> tuple[float, float]:
    return match.chaos, -match.coherence
