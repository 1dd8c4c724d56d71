"""Pictures for readers: tables folded from facts, one file for each picture."""
