/* Functions of one value on the engine. */
#include "tables.h"

nn_status nn_lookup_s8_prepare(nn_context *ctx, const int8_t *table, int32_t size) {
  NN_RAN(ctx, "lookup_s8");
  const nn_broadcast_axis axis = {size, 1, 0};
  const nn_broadcast shape = {1, &axis};
  const engine_values values = {.shape = &shape, .single = 1, .multiplier = 1 << 30, .shift = ENGINE_DOUBLES, .low = -128, .high = 127};
  int32_t *entries = engine_prepare_values(ctx, &values);
  for (int32_t i = 0; entries && i < ENGINE_ENTRIES; ++i) entries[i] = table[i] * (2 - ENGINE_DOUBLES);
  return NN_OK;
}
