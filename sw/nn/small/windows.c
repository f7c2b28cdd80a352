#include "windows.h"

nn_status nn_each_window(const nn_windows *windows, const int8_t *input, int8_t *output,
                         nn_pixel *pixel, const void *kernel) {
  const nn_dims *const in = windows->input_dims, *const out = windows->output_dims;
  const nn_size dilation = windows->dilation;
  nn_status status = NN_OK;
  for (int32_t n = 0; n < out->n; ++n, input += in->h * in->w * in->c) {
    int32_t y = -windows->padding.h;
    for (int32_t oy = 0; oy < out->h; ++oy, y += windows->stride.h) {
      nn_clipped window;
      int32_t x = -windows->padding.w;
      window.h = nn_clip(y, dilation.h, windows->filter_h, in->h);
      for (int32_t ox = 0; ox < out->w; ++ox, x += windows->stride.w, output += out->c) {
        window.w = nn_clip(x, dilation.w, windows->filter_w, in->w);
        window.input = input + ((y + window.h.first * dilation.h) * in->w + x +
                                window.w.first * dilation.w) * in->c;
        status = pixel(kernel, &window, output);
        if (status != NN_OK) return status;
      }
    }
  }
  return status;
}
