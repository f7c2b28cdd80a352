/* Replaces a camera by two alternating pictures. */
#include "image_provider.h"

#include <cstring>

#include "model_settings.h"

extern const int8_t g_person_data[], g_no_person_data[];

TfLiteStatus GetImage(int columns, int rows, int channels, int8_t *image) {
  static bool person = false;
  if (columns != kNumCols || rows != kNumRows || channels != kNumChannels) return kTfLiteError;
  person = !person;
  std::memcpy(image, person ? g_person_data : g_no_person_data, size_t(rows) * columns * channels);
  return kTfLiteOk;
}
