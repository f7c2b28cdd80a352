/* Rows of SOFTMAX to 8 or 16 `bits`, shared by both kernels. */
#ifndef CFUFORGE_NN_SMALL_SOFTMAX_ROWS_H
#define CFUFORGE_NN_SMALL_SOFTMAX_ROWS_H

#include "nn.h"

void nn_softmax_rows(const nn_softmax_params *params, int32_t rows, int32_t row_size,
                     const int8_t *input, void *output, int bits);

#endif
