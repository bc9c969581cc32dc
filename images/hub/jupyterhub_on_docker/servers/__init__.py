"""What a person's server gets: limits, groups, folders. The spawner asks these modules and does the rest."""
