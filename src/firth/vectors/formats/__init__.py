"""The files that word vectors are kept in: one format a file, each read and written."""
