"""Sentences of passages, half of them corrupted in one place, and what the check says of each.

`python -m tests.corruptions` prints the table of the README: what was caught, by the kind of the corruption, and false
alarms. Sentences come from the texts in ``tests/checked`` (invented), their paraphrases, and the seeds. Half, by a hash
of the sentence they come from, is `TUNED`: rules and thresholds of the check were made with it. The other half is only
measured. With ``--misses`` also the tuned sentences that went wrong, with what was found.
"""

import argparse
import hashlib
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index import build, open_index
from index.opened import Index
from rag.claims import clauses, dates, names
from rag.passages import retrieve, stored_text
from rag.quantities import NUMBER, numbers
from rag.speakers import DAYS, MONTHS, speaker_of
from rag.support import Checker, Support

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "tests" / "checked"
PARAPHRASES = ROOT / "tests" / "paraphrases.jsonl"

TUNED, HELD_OUT = "tuned", "held out"
WHOLE = 150
"""Sentences that are not corrupted, and as many that are."""

PEOPLE = ("Hugo Lindqvist", "Maria Castell", "Deng Wei", "Samir Haddad", "Joan Price")
PLACES = ("Norvik", "Calder", "Santa Rena", "Brill", "Ostrava")
TAILS = (
    ", which cost the region millions",
    " and led to the resignation of two ministers",
    ", a decision later overturned by a court",
    ", and the same happened in Norway a year later",
    " after secret talks with foreign investors",
    ", although local newspapers praised it",
    ", making it the largest in Europe",
    ", because a key witness had disappeared",
    " while protesters gathered outside",
    ", to the delight of environmental groups",
)
UNITS = (
    ("kilometres", "miles"),
    ("km", "miles"),
    ("metres", "feet"),
    ("percent", "percentage points"),
    ("per cent", "percentage points"),
    ("%", " percentage points"),
    ("million", "billion"),
    ("billion", "million"),
    ("euros", "dollars"),
    ("dollars", "pounds"),
    ("€", "$"),
    ("$", "€"),
    ("tonnes", "kilos"),
    ("minutes", "hours"),
    ("weeks", "days"),
    ("months", "weeks"),
    ("days", "weeks"),
    ("years", "months"),
    ("thousand", "million"),
    ("cents", "dollars"),
    ("francs", "pesos"),
    ("kilo ", "gram "),
)
SWAPPING = (
    r"(?:sued|dismissed|accused|praised|blamed|bought|caused the|led to|drove|closed|delayed|triggered|destroyed"
    r"|damaged|"
    r"(?:was|were) (?:sued|sacked|accused|blamed|praised|acquired|damaged|destroyed"
    r"|driven from the northern valley|cleared) by|"
    r"because of|owing to|approved|asked|designate|has been linked to|have been linked to)"
)
SWAP = re.compile(
    rf"^(?P<one>[^,“]*?) (?P<verb>{SWAPPING}) (?P<two>[^,.“]+?)(?P<rest>(?: (?:over|of|for|in|on|from|with|after"
    rf"|without|because|as|who) .*|,.*)?\.)$"
)
AUXILIARY = re.compile(r"\b(?:was|were|has|have|had|is|are|be|been|not|never)$")
PREPOSITION = re.compile(r"(?:by|for|in|on|to|that|from|with)\b")
SAID = re.compile(
    r"^(?P<who>(?:[A-Z][\w’'áéó]* ?(?:of the )?){1,5}) (?P<verb>said|denied|described|called|predicted"
    r"|rejected) (?P<rest>.*)$"
)
SAID_AFTER = re.compile(
    r",” said [^,.]+|, (?:said|predicted) [^.]*(?=\.)|, [^,.]*? said(?=\.)|,? according to [^,.]*(?=\.)"
)
NEGATED = re.compile(r"\b(did|does|do|was|were|will|would|has|have|is|are|had|could|should) not (be |have )?")
POSITIVE = re.compile(r"\b(was|were|will|would|has|have|is|are|had|could|should)\b(?! not)(?! (?:no|never)\b)")


@dataclass(frozen=True)
class Case:
    """A sentence to check; ``kind`` is the corruption, "" for none, "paraphrase" for one written by hand."""

    text: str
    kind: str
    half: str

    @property
    def faithful(self) -> bool:
        """True where it should be supported."""
        return self.kind in ("", "paraphrase")


@dataclass(frozen=True)
class Checked:
    """A case, what the check says of it, and in how many milliseconds."""

    case: Case
    support: Support
    ms: float

    @property
    def right(self) -> bool:
        """Whether a faithful sentence is supported, or a corrupted one is not."""
        return self.support.supported == self.case.faithful


@dataclass(frozen=True)
class Base:
    """A sentence that its document supports, and the names in that document."""

    text: str
    key: str  # what decides its half: the same for a sentence and its paraphrase
    others: tuple[str, ...]


def half_of(key: str) -> str:
    """Always the same for a sentence, whatever else there is."""
    return TUNED if hashlib.sha256(key.encode()).digest()[0] % 2 else HELD_OUT


def cases(index: Index) -> list[Case]:
    """The 300 sentences, and the paraphrases."""
    known = list(bases(index))
    found = [Case(varied(one.text), "", half_of(one.key)) for one in known if one.key == one.text][:WHOLE]
    kinds = list(CORRUPTIONS)
    for place, kind in enumerate(kinds):
        most = WHOLE // len(kinds) + (place < WHOLE % len(kinds))
        corrupted = (Case(changed, kind, half_of(one.key)) for one in known if (changed := CORRUPTIONS[kind](one)))
        found += [case for _, case in zip(range(most), corrupted, strict=False)]
    return found + [Case(one["text"], "paraphrase", half_of(one["source"] or one["text"])) for one in paraphrases()]


def paraphrases() -> list[dict[str, str]]:
    """Faithful sentences in other words, written by hand, with the sentence they come from."""
    return [json.loads(line) for line in PARAPHRASES.read_text("utf-8").splitlines()]


def bases(index: Index) -> Iterator[Base]:
    """Whole sentences that name their speaker, and paraphrases, mixed by a hash."""
    found = []
    told = paraphrases()
    for row in index.documents():
        text, sentences = stored_text(row.id, index), index.catalog.sentences(row.id)
        own = tuple(dict.fromkeys(" ".join(run) for one in sentences for run in _full_names(text[one.start : one.end])))
        for place, one in enumerate(sentences):
            words = " ".join(text[one.start : one.end].split())
            if not one.heading and _stands_alone(words) and not speaker_of(text, sentences, place):
                found.append(Base(words, words, own))
        found += [Base(one["text"], one["source"] or one["text"], own) for one in told if one["document"] == row.path]
    return iter(sorted(found, key=lambda one: hashlib.sha256(one.text.encode()).hexdigest()))


def _full_names(words: str) -> Iterator[tuple[str, str]]:
    for match in re.finditer(r"\b([A-Z][a-zà-ÿ]+) ([A-Z][a-zà-ÿ]+)\b", words):
        yield match[1], match[2]


def _stands_alone(words: str) -> bool:
    return (
        40 <= len(words) <= 260
        and words[0].isupper()
        and words.endswith(".")
        and not words.startswith(LEANS)
        and words.count("“") == words.count("”")
    )


LEANS = (
    "He ",
    "She ",
    "It ",
    "They ",
    "This ",
    "But ",
    "And ",
    "In addition",
    "However",
    "For ",
    "Those ",
    "Then",
    "His",
    "Your",
    "Subscribe",
    "Sign",
    "Photo",
    "Stock",
)


def varied(text: str) -> str:
    """The sentence with its figures written otherwise and a time put to its end, where that is easily done."""
    text = re.sub(r"\b(\d{1,3}),000\b(?! *(?:million|billion))", r"\1 thousand", text)
    text = re.sub(r"(\d) percent\b", r"\1%", text)
    text = re.sub(r"\bMore than (?=\d)|\bmore than (?=\d)", "over ", text)
    moved = re.match(r"(In \d{4}|Last \w+|In \w+), (.*)\.$", text)
    if moved and moved[2].count(",") == 0:
        text = f"{moved[2]} {moved[1][0].lower()}{moved[1][1:]}."
    return text[0].upper() + text[1:]


def _pick(text: str, choices: Sequence[str]) -> str:
    return choices[hashlib.sha256(text.encode()).digest()[1] % len(choices)]


def other_number(base: Base) -> str | None:
    """The first figure is another one."""
    found = [one for one in numbers(base.text) if one.value >= 2 and NUMBER.match(base.text, one.start)]
    if not found:
        return None
    one = found[0]
    digits = re.search(r"\d[\d,.]*\d|\d", base.text[one.start : one.end])
    if digits:
        plain = digits[0].replace(",", "")
        value = float(plain)
        new = f"{value * 3 + 7:,.1f}" if "." in plain else f"{int(value) + (13 if value > 20 else 3):,}"
        at = one.start + digits.start()
        return base.text[:at] + new + base.text[at + len(digits[0]) :]
    words = base.text[one.start : one.end]
    return base.text[: one.start] + ("eleven" if words.islower() else "Eleven") + base.text[one.end :]


def other_unit(base: Base) -> str | None:
    """The first unit of a figure is another one."""
    for one in numbers(base.text):
        for unit, other in UNITS:
            around = base.text[one.start : one.end + len(unit) + 1]
            if unit in around and re.search(rf"(?<![a-z]){re.escape(unit)}(?![a-z])", around + " ", re.IGNORECASE):
                at = one.start + around.index(unit)
                return base.text[:at] + other + base.text[at + len(unit) :]
    return None


def other_name(base: Base) -> str | None:
    """A name is another one, of the same document where there is one."""
    for match in re.finditer(r"(?<!^)(?<![.“] )\b[A-Z][a-zà-ÿ]+(?: [A-Z][a-zà-ÿ]+)?\b", base.text):
        if match[0].split()[0] in (DAYS + " " + MONTHS).split() or match[0] in base.text[: match.start()]:
            continue
        if not [name for name, _ in names(match[0] + " x")]:
            continue
        full = " " in match[0]
        others = [one for one in base.others if not set(one.split()) & set(base.text.split())]
        new = _pick(base.text, others) if full and others else _pick(base.text, PEOPLE if full else PLACES)
        return base.text[: match.start()] + new + base.text[match.end() :]
    return None


def other_date(base: Base) -> str | None:
    """A year, a month or a day of the week is another one."""
    for one in dates(base.text):
        told = base.text[one.start : one.end]
        year = re.search(r"\b(?:1[5-9]|20)\d\d\b", told)
        if year:
            new = told.replace(year[0], str(int(year[0]) - 2))
        else:
            word = next((word for word in (DAYS + " " + MONTHS).split() if word in told), None)
            if not word:
                continue
            row = (DAYS if word in DAYS else MONTHS).split()
            new = told.replace(word, row[(row.index(word) + 3) % len(row)])
        return base.text[: one.start] + new + base.text[one.end :]
    return None


def other_negation(base: Base) -> str | None:
    """What is so is not, or the other way round."""
    negated = NEGATED.search(base.text)
    if negated:
        return base.text[: negated.start()] + f"{negated[1]} {negated[2] or ''}" + base.text[negated.end() :]
    positive = POSITIVE.search(base.text)
    if positive and "“" not in base.text[: positive.end()]:
        return base.text[: positive.end()] + " not" + base.text[positive.end() :]
    return None


def other_speaker(base: Base) -> str | None:
    """Somebody else says it, or nobody does."""
    found = SAID.match(base.text)
    if found and hashlib.sha256(base.text.encode()).digest()[2] % 2 and found["verb"] == "said":
        rest = found["rest"].removeprefix("that ")
        return rest[0].upper() + rest[1:]
    if found:
        return f"{_pick(base.text, PEOPLE)} {found['verb']} {found['rest']}"
    after = SAID_AFTER.search(base.text)
    if not after or after[0].startswith(",”"):
        return None
    without = base.text[: after.start()] + base.text[after.end() :]
    if hashlib.sha256(base.text.encode()).digest()[2] % 2:
        return without
    return f"{without.removesuffix('.')}, said {_pick(base.text, PEOPLE)}."


def other_order(base: Base) -> str | None:
    """Who did it, or what caused it, is what it was done to."""
    found = SWAP.match(base.text)
    if not found or len(found["two"].split()) > 8 or AUXILIARY.search(found["one"]) or PREPOSITION.match(found["two"]):
        return None
    one, two = found["one"], found["two"]
    lowered = one[0].lower() + one[1:] if one.split()[0] in ("The", "A", "An", "Heavy", "Rumours", "No") else one
    return f"{two[0].upper()}{two[1:]} {found['verb']} {lowered}{found['rest']}"


def other_tail(base: Base) -> str | None:
    """Something is added."""
    return base.text.removesuffix(".") + _pick(base.text, TAILS) + "." if len(clauses(base.text)) < 4 else None


CORRUPTIONS: dict[str, Callable[[Base], str | None]] = {
    "number": other_number,
    "unit": other_unit,
    "name": other_name,
    "date": other_date,
    "negation": other_negation,
    "speaker": other_speaker,
    "order": other_order,
    "tail": other_tail,
}


def made_index(target: Path) -> Index:
    """The texts and the seeds in one index."""
    build([TEXTS, ROOT / "seeds"], target)
    return open_index(target)


def checked(case: Case, index: Index) -> Checked:
    """The case against the passages that are found for it, the check made anew as for an answer."""
    passages = retrieve(case.text, k=5, index=index)
    checker = Checker(passages, index)
    started = time.perf_counter()
    support = checker.check(case.text, ())
    return Checked(case, support, 1000 * (time.perf_counter() - started))


def table(results: Sequence[Checked]) -> str:
    """A row for each kind, a column for each half."""
    lines = ["| | tuned | held out |", "|---|---|---|"]
    for kind in [*CORRUPTIONS, "all corrupted", "not corrupted", "paraphrase"]:
        cells = []
        for half in (TUNED, HELD_OUT):
            own = [one for one in results if one.case.half == half and _is_of(one.case, kind)]
            struck = sum(not one.support.supported for one in own)
            cells.append(f"{struck} of {len(own)}" + (f" ({struck / len(own):.0%})" if own else ""))
        verb = "struck" if kind in ("not corrupted", "paraphrase") else "caught"
        lines.append(f"| {kind}, {verb} | {' | '.join(cells)} |")
    times = sorted(one.ms for one in results)
    return (
        "\n".join(lines)
        + f"\n\n{times[len(times) // 2]:.0f} ms a sentence at the median, "
        + f"{times[int(0.95 * len(times))]:.0f} ms at p95\n"
    )


def _is_of(case: Case, kind: str) -> bool:
    return not case.faithful if kind == "all corrupted" else case.kind == ("" if kind == "not corrupted" else kind)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list tuned sentences that went wrong")
    parser.add_argument("--tuned", action="store_true", help="leave the held-out half alone")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = made_index(Path(folder) / "index")
        wanted = [case for case in cases(index) if case.half == TUNED or not options.tuned]
        results = [checked(case, index) for case in wanted]
        sys.stdout.write(table(results))
        for one in results:
            if options.misses and one.case.half == TUNED and not one.right:
                sys.stdout.write(f"{one.case.kind or 'whole'}: {one.case.text}\n    {one.support.problems}\n")


if __name__ == "__main__":
    main()
