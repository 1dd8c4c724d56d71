"""Logs: constant names of past events with fields, one renderer, secrets masked in one place."""

from __future__ import annotations

import logging
import sys

import structlog

from voltherd.assembly.settings import Logging

_SECRETS = ("password", "api_key", "authorization", "token", "id_token")


def configure_logs(wanted: Logging) -> None:
    """Send log lines to standard error."""
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if wanted.format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _mask,
            structlog.processors.dict_tracebacks
            if wanted.format == "json"
            else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[wanted.level]),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def _mask(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    for name in _SECRETS:
        if name in event:
            event[name] = "***"
    return event
