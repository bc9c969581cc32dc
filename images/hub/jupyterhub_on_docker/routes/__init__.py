"""Routes between the hub, which notes them, and Traefik, which is given them by a server of their own."""
