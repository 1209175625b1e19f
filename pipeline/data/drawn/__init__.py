"""More samples of a task: drawn by the published generators, packed, and kept."""
