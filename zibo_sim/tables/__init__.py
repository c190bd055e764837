"""Tables that people fill in: files, columns in two languages, every fault by row and column."""
