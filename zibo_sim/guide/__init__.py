"""The page on the model and the glossary."""
