"""What Voltherd does of its own accord: when this happened, command that."""
