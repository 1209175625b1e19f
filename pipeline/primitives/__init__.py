"""The 160 primitives of ARC-DSL: one row each, and nothing about a primitive anywhere else.

`row` says what a row is; the families (`numbers`, `containers`, `functions`, `grids`, `patches`,
`objects`, ...) hold the rows, `table` joins them.
"""
