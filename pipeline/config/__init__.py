"""The configuration: knobs, YAML with positions, and the solvers that it names."""
