"""What a reader chooses for this browser: language, light or dark, how many passages. Kept in one cookie, no more."""

import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from fastapi import FastAPI

COOKIE = "footnoted_settings"
YEAR_S = 365 * 24 * 60 * 60

LANGUAGES = {"en": "English", "es": "Español"}
SCHEMES = {"system": "As the system", "light": "Light", "dark": "Dark"}
PASSAGES = (3, 5, 8)
"""How many are shown; `rag` looks at eight."""

FIRST, OFF = "1", "off"
BY, NOBODY = "By {generator}, below the quotes", "None"
"""Which language model writes too, by its place among those the page was started with, counted from 1; or none."""

UNSUPPORTED = {"struck": "Shown struck through", "out": "Left out"}
"""What becomes of its sentences that no passage supports."""

PLACE = re.compile(rf"[1-9]|{OFF}")
KEPT = re.compile(r"([a-z]{2})\.([a-z]+)\.([0-9])(?:\.([a-z]+|[1-9]))?(?:\.([a-z]+))?")


@dataclass(frozen=True)
class Settings:
    """The choices, each one of those that are offered."""

    language: str = "en"
    scheme: str = "system"
    passages: int = 8
    writing: str = FIRST
    unsupported: str = ""  # as the page was started

    @classmethod
    def of(
        cls, language: object = None, scheme: object = None, passages: object = None, writing: object = None,
        unsupported: object = None,
    ) -> "Settings":  # fmt: skip
        """The choices among these values; what is not offered stays as it comes."""
        number = {str(one): one for one in PASSAGES}.get(str(passages), 8)
        return cls(
            language if isinstance(language, str) and language in LANGUAGES else "en",
            scheme if isinstance(scheme, str) and scheme in SCHEMES else "system",
            number,
            writing if isinstance(writing, str) and PLACE.fullmatch(writing) else FIRST,
            unsupported if isinstance(unsupported, str) and unsupported in UNSUPPORTED else "",
        )

    @classmethod
    def parse(cls, cookie: object) -> "Settings":
        """The choices in a cookie.

        >>> Settings.parse("es.dark.3")
        Settings(language='es', scheme='dark', passages=3, writing='1', unsupported='')
        """
        found = KEPT.fullmatch(cookie) if isinstance(cookie, str) else None
        return cls.of(*found.groups()) if found else cls()

    def __str__(self) -> str:
        return ".".join(str(value) for value in asdict(self).values() if value != "")

    @property
    def writer(self) -> int | None:
        """The place of the model that writes; None where none should."""
        return None if self.writing == OFF else int(self.writing)

    def is_strict(self, started: bool) -> bool:
        """True where nothing unsupported is shown; where that was not chosen, it is as the page was started."""
        return self.unsupported == "out" if self.unsupported else started


_own_request: ContextVar["Settings | None"] = ContextVar("_own_request", default=None)


def answer_as_chosen(cookies: Mapping[str, str]) -> None:
    """From here on, this request is answered as its browser has chosen: for addresses that are not Gradio's."""
    _own_request.set(Settings.parse(cookies.get(COOKIE)))


def settings_now() -> Settings:
    """The choices of the browser whose event or request is being answered."""
    own = _own_request.get()
    if own is not None:
        return own
    # where Gradio was never loaded there is no page; to load it for this would cost 4 s
    context = sys.modules.get("gradio.context")
    request: Any = context.LocalContext.request.get(None) if context else None
    return Settings.parse(request.cookies.get(COOKIE)) if request is not None else Settings()


def add_settings(app: "FastAPI") -> None:
    """Adds the address that keeps the choices to the application."""
    from fastapi import Request  # 0.3 s, and the command line says its words without a page
    from fastapi.responses import RedirectResponse

    @app.get("/settings")
    def keep(
        request: Request, language: str = "", scheme: str = "", passages: str = "", writing: str = "",
        unsupported: str = "",
    ) -> RedirectResponse:  # fmt: skip
        """Keeps the choices in the browser and leads back to where it was."""
        came_from = urlsplit(request.headers.get("referer", ""))
        back = f"/?{came_from.query}" if came_from.query and came_from.netloc == request.headers.get("host") else "/"
        answer = RedirectResponse(back, 303)
        chosen = str(Settings.of(language, scheme, passages, writing, unsupported))
        answer.set_cookie(COOKIE, chosen, max_age=YEAR_S, samesite="lax")
        return answer
