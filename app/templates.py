"""The HTML, CSS and JavaScript of the page, from ``static/``. Every value that goes into HTML is escaped here."""

from itertools import count
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from app.notes import say_reason, say_source
from app.words import grouped, say

STATIC = Path(__file__).parent / "static"

_templates = Environment(loader=FileSystemLoader(STATIC), autoescape=True, trim_blocks=True, lstrip_blocks=True)
_templates.globals["_"] = say
_templates.globals["drawing"] = count(1).__next__  # the page notices a change only, and the same may be said twice
_templates.filters["grouped"] = grouped
_templates.filters["reason"] = say_reason
_templates.filters["source"] = say_source


def render(template: str, **values: Any) -> str:
    """HTML from a file in ``static/`` with these values."""
    return _templates.get_template(template).render(values)


def read_static(name: str) -> str:
    """A file of ``static/`` as it is."""
    return (STATIC / name).read_text("utf-8")
