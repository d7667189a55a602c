"""The hot loops: Numba only, arrays in, arrays out, no input or output, no exceptions."""
