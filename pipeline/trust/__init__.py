"""Why the answers can be believed: random programs, who agrees with whom, diagnosis."""
