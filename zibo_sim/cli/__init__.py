"""The command ``zibo-sim``: results on standard output, all that is said of them beside it."""
