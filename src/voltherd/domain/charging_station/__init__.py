"""A charging station: who it is, what it has, what it was asked to do and what came of it."""
