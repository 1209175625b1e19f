"""Batteries at work: check, and what its results are."""
