"""A small invented newspaper to try the detector on; nothing in the detector imports it."""
