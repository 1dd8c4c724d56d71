"""Event names are storage for ever: none is ever taken out of this list, and a new one is put into it by hand.

An event that changes its shape keeps its name only if what was stored before can still be read.
"""

from tests.support.given import catalog

NAMES = [
    "AuthorizationAnswered",
    "ChangeAvailabilityRequested",
    "ClearCacheRequested",
    "CommandCompleted",
    "ConnectorStatusChanged",
    "GetVariablesRequested",
    "IdTokenAdministered",
    "IdTokenDeleted",
    "PasswordSet",
    "RequestAnswered",
    "RequestCancelled",
    "RequestCompleted",
    "RequestLapsed",
    "RequestSent",
    "RequestUnanswered",
    "ResetRequested",
    "SetVariablesRequested",
    "SettingsDesired",
    "StartTransactionRequested",
    "StationAccepted",
    "StationBooted",
    "StationConnected",
    "StationDisconnected",
    "StationDiscovered",
    "StationRegistered",
    "StationSuspended",
    "StopTransactionRequested",
    "TopologyConfigured",
    "TransactionAuthorized",
    "TransactionClaimed",
    "TransactionClosed",
    "TransactionDiscovered",
    "TransactionDoubted",
    "TransactionEnded",
    "TransactionLocated",
    "TransactionOpened",
    "TransactionProgressed",
    "TransactionStarted",
    "TriggerMessageRequested",
    "UnlockConnectorRequested",
    "VariablesReported",
]


def test_keeps_every_name_and_knows_every_new_one() -> None:
    assert sorted(catalog().events) == NAMES
