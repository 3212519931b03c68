"""Quality and speed, measured; run as ``python -m benchmarks.NAME --data FOLDER``."""
