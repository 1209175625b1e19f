"""The tasks of `dodo.py`: configuration and files in, files, text and exit statuses out."""
