"""What servers are started with, of all that the settings say."""
