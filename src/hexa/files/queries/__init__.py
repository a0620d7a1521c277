"""Reads of the object store, always a page or a bounded number of bytes."""
