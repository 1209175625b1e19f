"""Kernels: the heap, loops and driver they are made of; compiled once, and kept."""
