"""`detector watch`: alarms from the counts of a store, and their delivery by web hook or mail."""
