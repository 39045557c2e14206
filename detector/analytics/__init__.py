"""Figures of views, verdicts and notice actions; imports no store's driver."""
