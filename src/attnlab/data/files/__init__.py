"""Files of data: found, fetched, read line by line, kept as prepared folders."""
