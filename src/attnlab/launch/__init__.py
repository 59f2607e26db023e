"""Where and how runs are started and stopped. Light: it is imported before anything heavy."""
