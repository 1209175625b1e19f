"""Why accuracy is not what one expects, step by step."""
