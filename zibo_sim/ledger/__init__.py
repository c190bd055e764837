"""The ledger of 淄政办字〔2018〕145号 六(二) for a simulated winter: five documents an alert."""

from zibo_sim.ledger.folder import write_ledger

__all__ = ["write_ledger"]
