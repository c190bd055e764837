"""Studies: many scenarios of one design, run anywhere, kept in a store that survives."""
