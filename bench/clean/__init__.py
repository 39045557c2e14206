"""False accusations counted over many loads without a blocker: `bench/clean/run`."""
