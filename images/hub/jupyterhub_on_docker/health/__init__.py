"""Whether what runs in a container is there and can do its work: before it starts, and while it runs."""
