"""Copies whole days of counts to Parquet files or ClickHouse (`detector export`)."""
