"""What happens to a request after it was filed: the steps of its citizen, clocks, appeals, erasure and retention."""
