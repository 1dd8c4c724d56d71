"""The words all rooms share: identifiers, units, messages, declarations and the catalog."""
