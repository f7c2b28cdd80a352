#include "main_functions.h"
#include "model_settings.h"

int main() {
  setup();
  for (unsigned int second = 0; second < g_micro_speech_features_size / kFeatureCount; ++second) {
    loop();
  }
  return 0;
}
