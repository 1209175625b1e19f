"""Programs that nobody wrote: edits, a bank of values, populations, the loop, the store."""
