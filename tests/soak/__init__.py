"""Long fault and load tests (``make soak``); the default run takes a seeded sample of each."""
