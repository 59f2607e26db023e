"""What finished runs of any folders are to each other: groups to be judged."""
