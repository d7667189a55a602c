"""The result: word vectors, their neighbours, arithmetic with them, and the files they are kept in."""
