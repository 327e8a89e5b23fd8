"""One change of many products at once: begun by staff, carried out product by product, undone."""
