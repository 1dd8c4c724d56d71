"""How a command ends: the exit codes, and one readable line for every error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import typer

    from voltherd.client import Problem

DONE: Final = 0
FAILED: Final = 1
USAGE: Final = 2
UNREACHABLE: Final = 3
STILL_OPEN: Final = 4
FAULT: Final = 5

EXIT_CODES: Final = (
    "Exit codes: 0 done · 1 refused or failed (also rejected, expired, ineffective …) · 2 wrong usage · "
    "3 the server cannot be reached · 4 the time to --wait is over and the command still open · "
    "5 a fault in Voltherd itself (--debug shows where) · 130 interrupted."
)


class Failed(Exception):
    """The command did not do what was wished; `line` says why."""

    def __init__(self, line: str, code: int = FAILED) -> None:
        super().__init__(line)
        self.code = code


def told(error: Exception) -> tuple[str, int]:
    """The line for an error, and the exit code."""
    # On the way out there is time for imports that a good way does not need.
    import typer

    from voltherd.client.errors import NotAllowed, Problem, StillOpen, Unreachable, VoltherdError
    from voltherd.ports.history import StoreUnavailableError

    match error:
        case Failed():
            return str(error), error.code
        case typer.TyperException():
            return _usage(error), error.exit_code
        case typer.Abort():
            return "given up", FAILED
        case Unreachable():
            return f"{str(error).rstrip('.')}; is it running? (voltherd serve, or --url)", UNREACHABLE
        case StillOpen():
            return f"{error}; it goes on: voltherd command show {error.command.command_id} --wait", STILL_OPEN
        case NotAllowed(status=401):
            return f"{error.code}: --api-key, or VOLTHERD_API_KEY, should be a key that the server knows", FAILED
        case Problem():
            return _problem(error), FAILED
        case VoltherdError() | StoreUnavailableError():
            return str(error), FAILED
        case OSError():
            return _system(error), FAILED
    return f"internal error: {type(error).__name__}: {_one_line(str(error))} (--debug shows where)", FAULT


def _usage(error: typer.TyperException) -> str:
    """A usage error: what is wrong, and where help is. A noun without a verb gets the help itself."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if context is not None and message == context.get_help():
        return message
    line = _one_line(message).replace("Value error, ", "")
    return line if context is None else f"{line} (see {context.command_path} --help)"


def _problem(error: Problem) -> str:
    others = [fault for fault in error.faults if fault.detail != error.detail]
    places = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in others)
    return _one_line(f"{error.detail}{f' [{places}]' if places else ''} ({error.code})")


def _system(error: OSError) -> str:
    named = f" ({error.filename})" if error.filename else ""
    return _one_line(f"{error.strerror or error}{named}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
