"""What a login passes before and after an authenticator checks it, whichever that is."""
