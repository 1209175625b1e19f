"""What users read: the check's table, the IR."""
