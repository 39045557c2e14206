"""The checks: a module for each part of a site, a function for each finding."""
