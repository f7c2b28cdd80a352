/* The source of pictures. */
#ifndef IMAGE_PROVIDER_H_
#define IMAGE_PROVIDER_H_

#include <cstdint>

#include "tensorflow/lite/c/common.h"

/* Fills `image` with the next picture: rows x columns x channels values, -128 black, 127 white. */
TfLiteStatus GetImage(int columns, int rows, int channels, int8_t *image);

#endif
