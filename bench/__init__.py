"""Measures: a load client for any CSMS, two servers to compare with, and the tables that come of it."""
