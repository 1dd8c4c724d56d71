"""The dialect of OCPP 1.6 with its security extension, one file per action."""
