#include "softmax_rows.h"

#include "softmax.h"

__attribute__((noinline)) void nn_softmax_rows(const nn_softmax_params *params, int32_t rows,
                                               int32_t row_size, const int8_t *input,
                                               void *output, int bits) {
  exponentials known;
  int8_t *to = output;
  softmax_begin(&known);
  for (int32_t row = 0; row < rows; ++row, input += row_size, to += row_size * (bits / 8))
    softmax_row(&known, params, row_size, input, to, bits);
}
