/* PAD and PADV2 on the engine, of two axes: a pool of single values, with padding. */
#include "pools.h"

enum { WORTH_IT = 1024 /* bytes */, MOST_CHANNELS = 64 };

/* The largest number of bytes, up to MOST_CHANNELS if possible, of which padding and rows are made. */
static int32_t unit_of(const nn_pad_axis *bytes) {
  int32_t unit = bytes->size;
  for (int i = 0; i < 2; ++i) {
    for (int32_t other = i ? bytes->after : bytes->before; other;) {
      const int32_t rest = unit % other;
      unit = other;
      other = rest;
    }
  }
  while (unit > MOST_CHANNELS && unit % 2 == 0) unit /= 2;
  return unit;
}

nn_status nn_pad_prepare(nn_context *ctx, const nn_pad_params *params) {
  NN_RAN(ctx, "pad");
  const nn_pad_axis *rows = &params->axis[NN_PAD_AXES - 2], *bytes = rows + 1;
  const int32_t unit = unit_of(bytes);
  int32_t images = 1;
  for (int i = 0; i < NN_PAD_AXES - 2; ++i) {
    if (params->axis[i].before || params->axis[i].after) return NN_OK;
    images *= params->axis[i].size;
  }
  if (params->element > 1 && params->value != 0) return NN_OK;
  engine_part part = {{.images = images, .h = rows->size, .w = bytes->size / unit, .c = unit,
                       .oh = rows->before + rows->size + rows->after,
                       .ow = (bytes->before + bytes->size + bytes->after) / unit, .o = unit, .kh = 1, .kw = 1,
                       .stride = {1, 1}, .padding = {.w = bytes->before / unit, .h = rows->before},
                       .dilation = {1, 1}, .groups = 1, .channelwise = 1, .constant = 1, .weight = 2 - ENGINE_DOUBLES,
                       .outside = (int8_t)params->value, .low = -128, .high = 127},
                      {0}};
  engine_set_output(&part.layer);
  if (part.layer.images * part.layer.image < WORTH_IT) return NN_OK;
  return engine_prepare_constant(ctx, &part, &ENGINE_UNSCALED, 1);
}
