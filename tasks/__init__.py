"""What happens: one module per stage, and what the stages are made of."""
