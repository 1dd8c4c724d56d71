"""`voltherd config`: how a server would be set."""

from __future__ import annotations

import typer

from voltherd.assembly.cli.output import column
from voltherd.assembly.cli.running import settings_from
from voltherd.assembly.cli.session import Session, asking

noun = typer.Typer(help="See how a server would be set.", no_args_is_help=True)

_COLUMNS = (column("setting"), column("value"), column("variable"), column("meaning"))


@noun.command("show")
@asking
def show(session: Session) -> None:
    """Show every setting as a server would take it now; secrets are masked."""
    settings = settings_from()
    rows = []
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        nested = getattr(value, "__dataclass_fields__", None)
        for member in nested or (None,):
            path = [name] if member is None else [name, member]
            shown = value if member is None else getattr(value, member)
            rows.append(
                {
                    "setting": ".".join(path),
                    "value": shown if isinstance(shown, bool | int | float | None) else str(shown),
                    "variable": "VOLTHERD_" + "__".join(path).upper(),
                    "meaning": field.description if member is None else None,
                }
            )
    session.output.rows(rows, _COLUMNS)
