"""More machines than one: blocks of lanes on the workers of a Dask cluster.

Dask says who is there, brings tasks to workers and notices what is lost. What is here cuts the
work, keeps few blocks pending, and lets machine code run in a process beside the worker's.
"""
