"""Which CALLERROR code says what, in each version (1.6J §4.2.3, 2.0.1 and 2.1 Part 4 §4.3)."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from voltherd.ocpp.payload import Fault
from voltherd.ocpp.rpc.version import Version


class Situation(Enum):
    """Why a CALL gets no CALLRESULT; the versions have different words for some."""

    NOT_IMPLEMENTED = auto()
    NOT_SUPPORTED = auto()
    SYNTAX = auto()
    UNKNOWN_FIELD = auto()
    MISSING_FIELD = auto()
    TYPE = auto()
    PROPERTY = auto()
    OCCURRENCE = auto()
    SECURITY = auto()
    INTERNAL = auto()
    PROTOCOL = auto()
    GENERIC = auto()
    RPC_FRAMEWORK = auto()
    MESSAGE_TYPE_NOT_SUPPORTED = auto()

    @classmethod
    def of(cls, fault: Fault) -> "Situation":
        return cls[fault.name]


_CODES_2: Final[Mapping[Situation, str]] = {
    Situation.NOT_IMPLEMENTED: "NotImplemented",
    Situation.NOT_SUPPORTED: "NotSupported",
    Situation.SYNTAX: "FormatViolation",
    Situation.UNKNOWN_FIELD: "FormatViolation",
    Situation.MISSING_FIELD: "OccurrenceConstraintViolation",
    Situation.TYPE: "TypeConstraintViolation",
    Situation.PROPERTY: "PropertyConstraintViolation",
    Situation.OCCURRENCE: "OccurrenceConstraintViolation",
    Situation.SECURITY: "SecurityError",
    Situation.INTERNAL: "InternalError",
    Situation.PROTOCOL: "ProtocolError",
    Situation.GENERIC: "GenericError",
    Situation.RPC_FRAMEWORK: "RpcFrameworkError",
    Situation.MESSAGE_TYPE_NOT_SUPPORTED: "MessageTypeNotSupported",
}

_CODES_16: Final[Mapping[Situation, str]] = {
    **_CODES_2,
    Situation.SYNTAX: "FormationViolation",
    Situation.UNKNOWN_FIELD: "FormationViolation",
    # 1.6 calls an incomplete payload a ProtocolError.
    Situation.MISSING_FIELD: "ProtocolError",
    # Misspelt in 1.6, and its errata say that it stays so.
    Situation.OCCURRENCE: "OccurenceConstraintViolation",
    # 1.6 has no words of its own for broken frames.
    Situation.RPC_FRAMEWORK: "FormationViolation",
    Situation.MESSAGE_TYPE_NOT_SUPPORTED: "GenericError",
}

_CODES: Final = {Version.V16: _CODES_16, Version.V201: _CODES_2, Version.V21: _CODES_2}

# Stations mix the versions' spellings. Where a code stands for two situations, the broader one is meant.
_SITUATIONS: Final[Mapping[str, Situation]] = {
    **{code: situation for situation, code in reversed(tuple(_CODES_2.items()))},
    "FormationViolation": Situation.SYNTAX,
    "OccurenceConstraintViolation": Situation.OCCURRENCE,
    "OccurrenceConstraintViolation": Situation.OCCURRENCE,
}


def error_code(version: Version, situation: Situation) -> str:
    """The code to send."""
    return _CODES[version][situation]


def find_situation(code: str) -> Situation | None:
    """What a received code means, in the spelling of any version."""
    return _SITUATIONS.get(code)
