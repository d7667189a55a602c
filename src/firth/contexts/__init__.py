"""From ids to company: what is thinned out, how far a window reaches, and the pairs that come of it."""
