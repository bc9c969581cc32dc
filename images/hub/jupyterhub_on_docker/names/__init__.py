"""What a user or a group may be called, and what the hub calls people."""
