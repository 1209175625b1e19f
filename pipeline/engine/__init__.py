"""Batteries as instructions and images, run in blocks on the CPU, on GPUs, or on what wins."""
