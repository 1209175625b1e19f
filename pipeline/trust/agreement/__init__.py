"""Who is compared with whom, on which lanes, and what differs made small."""
