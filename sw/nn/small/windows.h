/* The windows of a layer that slides a filter over its input, one for each output pixel.
 *
 * nn_each_window      calls `pixel` with each window and its output, until one is not NN_OK, and
 *                     returns the last status.
 */
#ifndef CFUFORGE_NN_SMALL_WINDOWS_H
#define CFUFORGE_NN_SMALL_WINDOWS_H

#include "window.h"

typedef struct {
  const nn_dims *input_dims, *output_dims;
  int32_t filter_h, filter_w;
  nn_size stride, padding, dilation;
} nn_windows;

/* One window, clipped to the input. */
typedef struct {
  nn_taps h, w;
  const int8_t *input; /* the place of its first tap, channel 0 */
} nn_clipped;

typedef nn_status nn_pixel(const void *kernel, const nn_clipped *window, int8_t *output);

nn_status nn_each_window(const nn_windows *windows, const int8_t *input, int8_t *output,
                         nn_pixel *pixel, const void *kernel);

#endif
