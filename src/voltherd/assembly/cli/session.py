"""What every command that talks to a server is given: where it is, who asks, and how answers are shown."""

from __future__ import annotations

import functools
import inspect
import shlex
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any

import typer

from voltherd.assembly.cli.failures import USAGE, Failed
from voltherd.assembly.cli.output import Format, Output

if TYPE_CHECKING:
    import httpx2

    from voltherd.client import Page, SyncVoltherdClient
    from voltherd.client.documents import D

DEFAULT_URL = "http://127.0.0.1:8080"

Url = Annotated[str | None, typer.Option("--url", help="The server's address (env VOLTHERD_URL).", metavar="URL")]
ApiKey = Annotated[str | None, typer.Option("--api-key", help="Who asks (env VOLTHERD_API_KEY).", metavar="KEY")]
Output_ = Annotated[
    Format | None,
    typer.Option("--output", "-o", help="Data as such; by default a table on a terminal, JSON lines in a pipe."),
]
ShowHttp = Annotated[bool, typer.Option("--show-http", help="Show each request as a curl command, too.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show where an error comes from.")]


@dataclass(frozen=True, slots=True)
class Options:
    """The options that may stand before the noun or behind the verb."""

    url: str | None = None
    api_key: str | None = None
    output: Format | None = None
    show_http: bool = False
    debug: bool = False

    def overridden_by(self, given: dict[str, Any]) -> Options:
        """These options with others that were given nearer to the verb."""
        return replace(self, **{name: value for name, value in given.items() if value})


class Session:
    """One command's way to the server and to the reader."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.output = Output(options.output)

    @cached_property
    def client(self) -> SyncVoltherdClient:
        """The server."""
        from voltherd.client import SyncVoltherdClient

        on_request = show_request if self.options.show_http else None
        try:
            return SyncVoltherdClient(self.options.url or DEFAULT_URL, self.options.api_key, on_request=on_request)
        except ValueError as error:
            raise Failed(str(error), USAGE) from error

    def tell(self, text: str) -> None:
        """Say something beside the data."""
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()

    def some(self, page: Page[D], limit: int) -> list[D]:
        """As many of a list as asked for, on from its first page; say if there are more."""
        found: list[D] = []
        for one in self.client.pages(page):
            found += one.elements
            if len(found) >= limit:
                if len(found) > limit or one.next is not None:
                    told = one.total or f"at least {one.total_at_least}"
                    self.tell(f"{limit} of {told} shown; --limit shows more")
                break
        return found[:limit]

    def close(self) -> None:
        if "client" in self.__dict__:
            self.client.close()


_GLOBALS: dict[str, Any] = {
    "url": (Url, None),
    "api_key": (ApiKey, None),
    "output": (Output_, None),
    "show_http": (ShowHttp, False),
    "debug": (Debug, False),
}


def asking(function: Callable[..., None]) -> Callable[..., None]:
    """Make a command of a function that takes a `Session` first: the options for all of them come with it."""
    _session, *own = inspect.signature(function, eval_str=True).parameters.values()
    keyword = inspect.Parameter.KEYWORD_ONLY
    context = inspect.Parameter("context", keyword, annotation=typer.Context)
    shared = [
        inspect.Parameter(name, keyword, annotation=hint, default=default) for name, (hint, default) in _GLOBALS.items()
    ]

    @functools.wraps(function)
    def command(*, context: typer.Context, **given: Any) -> None:
        options = context.obj if isinstance(context.obj, Options) else Options()
        session = Session(options.overridden_by({name: given.pop(name) for name in _GLOBALS}))
        try:
            function(session, **given)
        finally:
            session.close()

    return taking(command, [context, *own, *shared])


def taking(function: Callable[..., None], parameters: Sequence[inspect.Parameter]) -> Callable[..., None]:
    """Have typer read the parameters from here, not from the function that this one wraps."""
    keyword = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY) for parameter in parameters]
    function.__signature__ = inspect.Signature(keyword)  # type: ignore[attr-defined]
    function.__annotations__ = {parameter.name: parameter.annotation for parameter in keyword}
    function.__dict__.pop("__wrapped__", None)
    return function


def show_request(request: httpx2.Request) -> None:
    """Say how curl would ask the same; the key stays where it is."""
    parts = ["curl", "-sS"]
    if request.method != "GET":
        parts += ["-X", request.method]
    parts.append(shlex.quote(str(request.url)))
    if "authorization" in request.headers:
        parts.append('-H "Authorization: Bearer $VOLTHERD_API_KEY"')
    for name in ("Prefer", "Idempotency-Key", "Last-Event-ID", "Content-Type"):
        if name in request.headers:
            parts.append("-H " + shlex.quote(f"{name}: {request.headers[name]}"))
    if request.headers.get("accept") == "text/event-stream":
        parts.append("-N")
    if request.method in ("POST", "PUT"):
        parts.append("-d " + shlex.quote(request.content.decode()))
    sys.stderr.write(" ".join(parts) + "\n")
