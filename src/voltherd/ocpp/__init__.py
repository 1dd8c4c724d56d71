"""OCPP as a language, without I/O: frames, dialects, and one package per version."""
