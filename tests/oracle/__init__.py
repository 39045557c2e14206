"""A second, naive counting of the documented rules, compared with what the stores hold."""
