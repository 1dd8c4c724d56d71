"""The dialect of OCPP 2.0.1, one file per action."""
