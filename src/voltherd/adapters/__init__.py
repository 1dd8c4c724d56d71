"""Fulfil the ports: one package per technology."""
