// matmul_transposed
