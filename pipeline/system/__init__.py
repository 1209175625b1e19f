"""What the machine gives: files written whole, stamps, records, a lock, processes, a terminal."""
