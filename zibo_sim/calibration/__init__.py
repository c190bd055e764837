"""Measured air against the model: how alike they are, and inputs fitted to a measured season."""
