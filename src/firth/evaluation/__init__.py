"""What vectors know, measured against gold answers: analogies, word similarity, categories."""
