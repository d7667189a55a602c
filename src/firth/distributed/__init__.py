"""The same training and counting on shards of the text: by threads of this process, or by a Ray cluster."""
