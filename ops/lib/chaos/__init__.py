"""What ops/chaos is made of: a private stack, the faults, the plans, and one checker."""
