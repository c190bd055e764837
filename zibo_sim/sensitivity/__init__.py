"""Which inputs an answer hangs on: indices, screening, regions where a target is missed, shares."""
