"""Small PDFs written by hand: every word where the test puts it."""

from collections.abc import Mapping, Sequence

TOP, LEADING, LEFT = 740, 14, 72


def at(x: float, y: float, words: str, size: float = 11) -> str:
    """The instruction that draws words at a place."""
    escaped = words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET"


def lines(*words: str, x: float = LEFT, top: float = TOP, leading: float = LEADING) -> str:
    """Lines below each other; an empty one leaves its place free."""
    return "\n".join(at(x, top - leading * number, line) for number, line in enumerate(words) if line)


def pdf(*pages: str, info: Mapping[str, str] | None = None) -> bytes:
    """A PDF of these pages, each a string of instructions."""
    font = 3 + 2 * len(pages)
    kids = " ".join(f"{3 + 2 * number} 0 R" for number in range(len(pages)))
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>"]
    for number, content in enumerate(pages):
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {4 + 2 * number} 0 R "
            f"/Resources << /Font << /F1 {font} 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream")
    objects.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    objects.append("<< " + " ".join(f"/{name} ({value})" for name, value in (info or {}).items()) + " >>")
    return _file(objects, f"/Root 1 0 R /Info {len(objects)} 0 R")


def encrypted(data: bytes) -> bytes:
    """The same file, said to be encrypted with a password that nobody knows."""
    lock = (
        "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 "
        f"/O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<{'43' * 16}> <{'43' * 16}>]"
    )
    return data.replace(b"/Root 1 0 R", f"/Root 1 0 R {lock}".encode())


def _file(objects: Sequence[str], trailer: str) -> bytes:
    data, places = b"%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{one}\nendobj\n".encode("cp1252")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    return data + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} {trailer} >>\nstartxref\n{len(data)}\n%%EOF\n"
    ).encode("cp1252")
