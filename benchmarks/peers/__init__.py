"""Pullquote beside other libraries for the same job, in one run: ``python -m benchmarks.peers --data FOLDER``."""
