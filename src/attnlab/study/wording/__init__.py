"""What a study's pages say, in each of their languages: the same things, as `contract.Wording` has them."""
