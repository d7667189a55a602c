"""The loop: knows nothing of what is learned."""
