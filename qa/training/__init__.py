"""Trains a reader, from question sets to weights, in four steps; ``run.train_reader`` takes them all."""
