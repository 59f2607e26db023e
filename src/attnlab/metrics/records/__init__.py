"""What each test example adds to a test's scores, as sums of which the scores can be had again, also without some."""
