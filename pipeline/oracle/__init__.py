"""The direct interpreter, and the reference runtime with its columns: the definition of right."""
