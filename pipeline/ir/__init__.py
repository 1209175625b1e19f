"""Types, statuses, nodes and their text: what every pass speaks."""
