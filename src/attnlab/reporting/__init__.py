"""What people see: pictures, lines in a terminal, pages."""
