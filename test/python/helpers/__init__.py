"""What tests have in common: engines, hubs and clients that stand for those of a stack."""
