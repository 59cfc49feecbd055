"""Build the course from its sources, and grade submissions safely."""
