/* REDUCE_MAX on int8 over any axes: the largest value; no rescaling. Always returns NN_OK. */
#include "reduce.h"

static inline int32_t larger(int32_t so_far, int32_t value) {
  return value > so_far ? value : so_far;
}

static inline int8_t unchanged(const void *params, int32_t largest) {
  (void)params;
  return (int8_t)largest;
}

nn_status nn_reduce_max_s8(nn_context *ctx, const nn_reduction *reduction, const int8_t *input,
                           int8_t *output) {
  NN_RAN(ctx, "reduce_max_s8");
  nn_reduce(reduction, larger, -128, unchanged, 0, input, output);
  return NN_OK;
}
