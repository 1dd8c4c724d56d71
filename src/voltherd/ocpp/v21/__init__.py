"""The dialect of OCPP 2.1, one file per action."""
