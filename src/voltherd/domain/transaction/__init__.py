"""Transactions: from the first word of a start to the last late word behind the end."""
