"""Samples that someone else drew, against an exact law and against the usual mistakes."""
