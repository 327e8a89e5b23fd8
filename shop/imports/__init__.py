"""Files of products brought in by the worker: looked through first, with progress, to be resumed,
canceled and undone.
"""
