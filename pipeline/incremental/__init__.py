"""What is up to date, and how what is not is built: solvers, then the battery."""
