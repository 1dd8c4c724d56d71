"""Voltherd, a charging-station management system: it lets an operator run a network of charging stations."""

__version__ = "0.1.0"
