"""From an empty database to a shop that sells: its owner, the steps, and what is still missing."""
