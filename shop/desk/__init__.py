"""What staff keep while they work: views of lists, and forms they have not saved yet."""
