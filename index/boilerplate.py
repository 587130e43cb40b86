"""Which parts of a text are not the article: navigation, forms, prompts, credits, repeated captions.

They stay in the stored text, so that offsets hold, and are kept out of chunks. Every rule has a name, and
each matches wording, never length: nothing is left out for being short or rare.
"""

import re
from dataclasses import dataclass

from index.metadata import CREDIT, Line, Metadata, lines_of


@dataclass(frozen=True)
class Mark:
    """A span of the stored text that is not article, and the rule that says so."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class WordingRule:
    """A line that, as a whole, is furniture of a web page."""

    name: str
    pattern: re.Pattern[str]


MAX_FURNITURE = 300
"""Characters; a line of page furniture is shorter, so longer lines are not even looked at."""


NETWORK = (
    r"(?:twitter|x|facebook|instagram|linkedin|youtube|whatsapp|telegram|tiktok|threads|mastodon|bluesky|reddit"
    r"|pinterest|google news|social media)"
)

WORK = r"(?:(?:additional|extra) )?(?:reporting|writing|editing|compiled|edited|translated)"


def _wording(name: str, *alternatives: str) -> WordingRule:
    return WordingRule(name, re.compile(rf"(?:{'|'.join(alternatives)})", re.IGNORECASE))


WORDING_RULES = (
    _wording(
        "comment form",
        r"leave a (?:reply|comment)\.?",
        r"your email address will not be published\..*",
        r"required fields are marked.*",
        r"post (?:a )?comment\.?|\d+ comments?|comments? \(\d+\)",
        r"save my name, email.*",
    ),
    _wording(
        "navigation",
        r"(?:scroll|back|return) to (?:the )?top\.?",
        r"skip to (?:main )?content\.?",
        r"(?:click here|tap here|continue reading|read more|see more|related (?:articles|stories|posts)|most read)\W*",
        r"(?:read (?:more|also|next)|see also|related(?: \w+)?|more on this(?: story)?): .{1,160}",
        r"(?:advertisement|sponsored content|(?:story|article) continues (?:below|after).{0,40})",
        r"continued (?:on|from) page \w{1,4}\W*",
        r"do you have an opinion on the issues raised in this article\b.*",
        r"(?:print|email|share) this(?: article| story| page)?\.?",
    ),
    _wording(
        "newsletter prompt",
        # no full stop and no comma: "Register to vote by Monday." is article
        r"(?:subscribe|sign up) (?:to|for|now|today|here)\b[^.,;:?]{0,80}",
        r"(?:subscribe|sign up|register) (?:to|for|now|today|here)\b[^.]{0,80}"
        r"\b(?:newsletters?|alerts?|updates|inbox|e-?mails?|briefing|digest|podcast|channel)\b.{0,60}",
        r"get (?:our|the latest) .{0,60}(?:newsletter|inbox)\b.{0,60}",
        r"subscribe (?:now|today)\b[^,;:?]{0,80}",
        r"this (?:article|story|content) is (?:only |reserved )?(?:for|available to) (?:our )?subscribers\b.{0,120}",
        r"(?:already a subscriber|log in to continue|create a free account)\b.{0,60}",
    ),
    _wording(
        "social prompt",
        rf"(?:follow|like|join|find) us on {NETWORK}(?:(?:,|,? and|,? or|,? &)(?: on)? {NETWORK})*(?: @\w+)?\W*",
        rf"share (?:this )?on {NETWORK}\W*",
        r"tweet|pin it|share",
    ),
    _wording(
        "cookie notice",
        r"(?:this|our) (?:web)?site uses cookies\b.*",
        r"we use (?:necessary |our own |third-party )?cookies\b.*"
        r"\b(?:(?:web)?site|experience|traffic|preferences|ads)\b.*",
        r"(?:accept|reject|manage)(?: all)? cookies\.?|cookie (?:settings|policy)\.?",
        r"by continuing to (?:use|browse) (?:this|our) (?:web)?site\b.*",
    ),
    _wording("copyright line", r"(?:copyright ?(?:\(c\)|©)?|©) ?\d{4}\b.*", r"all rights reserved\.?"),
    _wording("video prompt", r"watch(?: now| next| more)?: .{0,160}"),
    _wording("mail signature", r"sent from my (?:iphone|ipad|android|samsung|mobile|phone|huawei)\b.{0,60}"),
    _wording("hidden comment", r"<!--.*-->"),
    _wording("picture", r"!\[[^\]]{0,200}\]\([^()]{1,200}\)"),
    _wording(
        "agency note",
        rf"\({WORK} by (?-i:[A-Z])[^()]{{2,250}}\)\.?",
        rf"{WORK} by (?-i:[A-Z])[^.;]{{2,120}}; ?{WORK} by [^.]{{2,200}}\.?",
        r"\((?:adds|recasts|updates with|corrects)\b[^()]{3,200}\)",
    ),
)

CREDIT_IN_PARENTHESES = re.compile(rf"\([^()]{{0,60}}{CREDIT.pattern}[^()]{{0,80}}\)$")
CREDIT_AT_END = re.compile(rf"(?<![^\s.”]){CREDIT.pattern} ?(?:[^.!?\n]|\.(?=\S)|(?<=\b[A-Z])\.){{1,80}}\.?$")


def mark_boilerplate(text: str, metadata: Metadata, start: int = 0) -> tuple[Mark, ...]:
    """The spans of ``text`` that are not article, sorted, none overlapping another.

    ``metadata`` names the title and the lines that only state particulars: a repetition of the first and
    the others themselves are not article either.
    """
    lines = list(lines_of(text, start))
    below = [*lines, None][1:]
    particulars = set(metadata.line_spans)
    marks = [_mark(line, following, metadata, particulars) for line, following in zip(lines, below, strict=True)]
    return tuple(mark for mark in marks if mark)


def _mark(line: Line, below: Line | None, metadata: Metadata, particulars: set[tuple[int, int]]) -> Mark | None:
    if (line.start, line.end) in particulars:
        return Mark(line.start, line.end, "particulars")
    if _repeats_title(line, metadata):
        return Mark(line.start, line.end, "repeated title")
    if below and below.text != line.text and _is_caption_of(line.text, below.text):
        return Mark(line.start, line.end, "repeated caption")
    if len(line.text) <= MAX_FURNITURE:
        for rule in WORDING_RULES:
            if rule.pattern.fullmatch(line.text):
                return Mark(line.start, line.end, rule.name)
    return _credit(line)


def _repeats_title(line: Line, metadata: Metadata) -> bool:
    return metadata.title_span is not None and line.text == metadata.title and line.start > metadata.title_span[0]


def _is_caption_of(caption: str, line: str) -> bool:
    """The line below says the same and adds a credit: ``On the border.`` / ``On the border. Jane Doe via AP``."""
    added = line.removeprefix(caption)
    return len(caption) >= 20 and added != line and len(added) <= 80 and added.strip()[:1].isupper()


def _credit(line: Line) -> Mark | None:
    tail = line.text[-200:]
    shift = line.end - len(tail)
    match = CREDIT_IN_PARENTHESES.search(tail) or CREDIT_AT_END.search(tail)
    return Mark(shift + match.start(), line.end, "photo credit") if match else None
