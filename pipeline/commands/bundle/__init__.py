"""The command `kaggle_bundle`: all that a notebook without a network needs, in one directory.

`destination` says for which Python and machine, `requirements` which wheels that takes, `wheels`
has them, `contents` has the project's files, `compiled` kernels for GPUs, `kaggle_bundle` is the
command. `arc_bundle` goes into the bundle and works there, without this project.
"""
