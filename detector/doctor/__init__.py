"""`detector doctor`: looks at a deployed site through its public address, knowing nothing else."""
