"""What can be wrong with a station, on request: a name for the command line and a line that explains it, each."""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Final

from voltherd.kernel.messages import message


@message
class Faults:
    never_answer: bool = False
    slow_answer_s: float = 0.0
    answer_with_error: bool = False
    drop_connection_every_s: float = 0.0
    lie: bool = False
    duplicate: bool = False
    garbage_every_s: float = 0.0
    wrong_message_id: bool = False
    refuse_remote_start: bool = False
    never_heartbeat: bool = False


@message
class KnownFault:
    explanation: str
    faults: Faults


NO_FAULTS: Final = Faults()

# What a central system may meet in a text, one after the other.
GARBAGE: Final = (
    "",
    "not json",
    '[2,"broken","Heartbeat",{',
    "{}",
    "[]",
    '[2,"",null]',
    '[9,"unknown-type",{}]',
    '[3,"never-asked",{}]',
    '[2,"no-such-action","Levitate",{}]',
    '[2,"bad-payload","StatusNotification",{"connectorId":"one"}]',
)

FAULTS: Final[Mapping[str, KnownFault]] = {
    "never-answers": KnownFault(
        explanation="receives commands, carries none out and never answers",
        faults=Faults(never_answer=True),
    ),
    "slow": KnownFault(
        explanation="answers each command 10 seconds late",
        faults=Faults(slow_answer_s=10.0),
    ),
    "errors": KnownFault(
        explanation="answers each command with CALLERROR InternalError",
        faults=Faults(answer_with_error=True),
    ),
    "flapping": KnownFault(
        explanation="drops its connection every 20 seconds and comes back",
        faults=Faults(drop_connection_every_s=20.0),
    ),
    "liar": KnownFault(
        explanation="accepts each command and does nothing",
        faults=Faults(lie=True),
    ),
    "duplicates": KnownFault(
        explanation="sends each message twice, with the same id",
        faults=Faults(duplicate=True),
    ),
    "garbage": KnownFault(
        explanation="sends a broken or senseless frame every 5 seconds",
        faults=Faults(garbage_every_s=5.0),
    ),
    "wrong-id": KnownFault(
        explanation="answers with message ids that nobody has used",
        faults=Faults(wrong_message_id=True),
    ),
    "refuses-start": KnownFault(
        explanation="rejects each remote start",
        faults=Faults(refuse_remote_start=True),
    ),
    "no-heartbeat": KnownFault(
        explanation="never sends a heartbeat",
        faults=Faults(never_heartbeat=True),
    ),
}


def faults_named(names: Iterable[str]) -> Faults:
    """Combine faults by name. Raises: KeyError with the first name that is unknown."""
    found: dict[str, object] = {}
    for name in names:
        known = FAULTS[name].faults
        for field in fields(known):
            value = getattr(known, field.name)
            if value:
                found[field.name] = value
    return Faults(**found)  # type: ignore[arg-type]
