"""The page of a study, and of any comparison of finished runs: `report.html`."""
