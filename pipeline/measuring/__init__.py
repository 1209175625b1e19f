"""The whole way on a clock: timings, what changed, from where on a GPU wins."""
