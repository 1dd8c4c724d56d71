"""Logs: constant names of past events with fields, one renderer, secrets masked in one place."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TextIO, cast

import structlog

from voltherd.assembly.settings import Logging

_SECRETS = ("password", "api_key", "authorization", "token", "id_token")


class _Errors:
    """Standard error, whose lines are lost when they cannot be written (a full disk, a closed pipe).

    Whoever logs must go on: the thread that writes history does, and it is most needed when something is wrong.
    """

    def write(self, text: str) -> int:
        with suppress(OSError):
            sys.stderr.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            sys.stderr.flush()


def configure_logs(wanted: Logging) -> None:
    """Send log lines to standard error."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            *_rendered(wanted),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[wanted.level]),
        logger_factory=structlog.PrintLoggerFactory(file=cast("TextIO", _Errors())),
        cache_logger_on_first_use=True,
    )


def _rendered(wanted: Logging) -> Sequence[structlog.typing.Processor]:
    # Tracebacks are plain: those with local variables are slow when many come at once, and show what `_mask` hides.
    if wanted.format == "json":
        return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    plain = structlog.dev.plain_traceback
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]


def _mask(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _SECRETS:
        if name in event:
            event[name] = "***"
    return event
