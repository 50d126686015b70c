"""Years of a newsroom played in seconds, before the sandbox and on its clock."""
