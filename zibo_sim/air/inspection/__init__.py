"""Inspection during a response: teams, rounds, and what is caught."""
