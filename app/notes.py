"""The sentences of `rag` and `index` that a page shows, which come in English and whole, in the page's language.

What names an option of the command line is left as it is: it is for whoever started the page.
"""

import re

from app.words import say, say_again
from rag.where import FILTERS

NOTES = (
    "generation: the model was not asked, because no passage answers the question",
    "generation: {problem} Shown instead: the documents' own words.",
    "reranking: {problem}",
    "inference: {problem} Shown instead: the documents' own words.",
    "inference: {problem}",
    "language: {problem}",
    "names: {problem}",
    "filter: {problem}",
    "{problem}. Generation {name} is used instead. Repair: footnoted build",
)

PROBLEMS = (
    # a question
    "The question is in another language than the documents found: ask it in theirs.",
    "No sentence in the documents mentions {names}. Whoever holds the office there was asked about.",
    "No sentence in the documents mentions {names}. The name with these initials was asked about.",
    "The question is empty. Ask something the documents may answer.",
    "The question has {number} characters; up to {most} are read. Ask it more briefly.",
    "{name} did not answer within {seconds} seconds.",
    "{name} cannot be reached. Is the server running?",
    "{name} stopped in the middle of the answer.",
    "{name} answered with nothing that can be read as an answer.",
    "{name} wants a key. Put it into the environment: {key}",
    "{name} refuses the question (status {status}){reason}.",
    "{name} reports an error: {reason}",
    "The model's window of {window} tokens does not hold one passage ({needed} tokens) and an answer ({most}). Choose a"
    " model with a larger window.",
    # a filter; of two that fit, the first is meant
    "No document has the name {value}. Did you mean {near}?",
    "No document has the name {value}.",
    "No document has the publisher {value}. Did you mean {near}?",
    "No document has the publisher {value}. No publisher is known.",
    "No document has the publisher {value}.",
    "No document has the author {value}. Did you mean {near}?",
    "No document has the author {value}. No author is known.",
    "No document has the author {value}.",
    "No document is dated {value} or later. The latest is of {near}.",
    "No document is dated {value} or later. No date is known.",
    "No document is dated {value} or earlier. The earliest is of {near}.",
    "No document is dated {value} or earlier. No date is known.",
    "No document passes all of these filters: {filters}.",
    "Nothing lies since {since} and until {until}: the first date comes after the second. Exchange them.",
    # a build
    "The index in {folder} is being built by {who}. Wait for it, or let this build wait: --wait",
    "No index in {folder}. Make one: footnoted build FOLDER",
    "The index in {folder} is damaged ({why}). Make it anew: footnoted build --fresh FOLDER",
    "The index in {folder} cannot be read ({why}).",
    "The index in {folder} was made by another version of footnoted ({why}). Make it anew: footnoted build",
    "The folder {folder} is empty, and the index holds {number} articles of it; nothing was changed. If its"
    " drive is away, bring it back; if they are to leave the index, name only the other folders: footnoted build"
    " FOLDER ...",
    "There are no articles in {folders}. Put some there ({kinds}) and build again; nothing was changed.",
    "No file in {folders} could be read ({name}: {reason}, and {more} more); nothing was changed.",
    "No file in {folders} could be read ({name}: {reason}); nothing was changed.",
    "The index in {folder} could not be written: {why}. Free some space or name another place with --index; the"
    " index is as it was before.",
    "The new index did not pass its check ({why}); the index is as it was before. Try: footnoted build --fresh",
    "There is no folder {folder}. Name a folder of articles: footnoted build FOLDER",
    "{folder} is a file, not a folder. Name the folder it lies in.",
    "The folder {folder} cannot be read ({why}).",
    # what the page keeps
    "Conversations cannot be kept in {file} ({why}).",
    "The case cannot be kept in {file} ({why}).",
)  # fmt: skip

REASONS = (
    "row {number}: {reason}",
    "{number} more rows cannot be used",
    "neither a file nor a folder",
    "a link that leaves the folder; --follow-links reads such links",
    "a link to something that is not there",
    "its name is not valid UTF-8; rename it",
    "the folder cannot be read ({why})",
    "it cannot be read ({why})",
    "it is empty",
    "it holds no words",
    "it is not text",
    "it is not text in the encoding of its file",
    "it is not text: it holds NUL bytes",
    "its text has more than {most} characters; split it into articles",
    "it has {size} MB, and one file may have {most}; split it into articles",
    "{kind} files are not read yet; save it as .txt or .md",
    "reading it took longer than {seconds} seconds",
    "the program that reads it crashed on it; the file may be damaged",
    "it is a PDF; give it a name that ends in .pdf",
    "it is not a PDF",
    "it is encrypted; save it without a password",
    "it is damaged: no page of it can be opened",
    "it has no text layer; run OCR first",
    "it has {pages} pages, and one file may have {most}; split it",
    "it is a zip file, not a Word file",
    "it is damaged or not a Word file",
    "it is encrypted or made by an old version of Word; save it as .docx without a password",
    "it unpacks to {size} MB in {parts} parts, and one file may have {most} in {most_parts}",
    "its elements are nested too deeply",
    "it has no text: neither a plain part nor an HTML part",
    "it is not a mail: it names no sender, subject or date",
    "it has {size}, and a file of articles may have {most}; split it",
    "its file changed while it was read; build again",
    "it has no column of text; name one of its columns {columns}",
    "none of its {number} rows is an article ({reason})",
    "none of its {number} rows is an article",
    "it has the id of row {number}, {name}",
    "it is nested too deeply",
    "it is not a JSON object",
    "it is not JSON ({why})",
    "its quotes are broken ({why})",
    "it has more than {most} lists and objects",
    "it has {size} MB, and one article may have {most}",
    "its fields do not fit the columns ({fields} for {columns})",
    "it is a link; put the file itself there",
    "it has more than {most} MB; put a metadata.csv into each folder",
    "it has no column that names files; name one of its columns {column}",
    "it names no file",
    "it names {name} once more; row {number} counts",
    "its {column} says nothing known: {words}",
    "there is no article {name}",
    "a row of a file beside it has the same name; rename one of them",
)  # fmt: skip
"""Why a file or a row is not in the index; of two that fit, the first is meant."""

SOURCES = (
    "its words",
    "first line",
    "title line: {words}",
    "address line: {words}",
    "title of the page",
    "front matter: {words}",
    "column: {words}",
    "field: {words}",
    "mail: {words}",
    "document properties: {words}",
    "heading: {words}",
    "owner line: {words}",
    "source line: {words}",
    "first published: {words}",
    "byline: {words}",
    "dateline: {words}",
    "date line: {words}",
    "update line: {words}",
    "release line: {words}",
    "author note: {words}",
)
"""Where a particular of an article was taken from; what else there is are names that HTML has in every language."""


def say_source(source: str) -> str:
    """Where a particular was taken from; the words of the article stay as they are."""
    return say_again(source, SOURCES)


def say_note(note: str) -> str:
    """Something that was not done, or not as usual, with the reason."""
    return say_again(note, NOTES, problem=say_problem)


def say_problem(problem: str) -> str:
    """Why something could not be done."""
    return say_again(problem, PROBLEMS, reason=say_reason, filters=say_filters)


def say_filters(filters: str) -> str:
    """Filters with their values, each filter under the name that the form has for it."""
    names = "|".join(FILTERS)
    return re.sub(rf"(^|, )({names})(?= )", lambda found: found[1] + say(found[2].capitalize()), filters)


def say_reason(reason: str) -> str:
    """Why a file or a row was skipped."""
    return say_again(reason, REASONS, reason=say_reason)
