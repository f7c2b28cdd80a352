/* The model's inputs and outputs. */
#ifndef MODEL_SETTINGS_H_
#define MODEL_SETTINGS_H_

#include <cstdint>

constexpr int kFeatureSlices = 49;
constexpr int kFeaturesInSlice = 40;
constexpr int kFeatureCount = kFeatureSlices * kFeaturesInSlice;

constexpr int kCategoryCount = 4;
constexpr const char *kCategoryLabels[kCategoryCount] = {"silence", "unknown", "yes", "no"};

extern const unsigned char g_micro_speech_model_data[];
/* Several seconds of sound as features, one after another; the newest slice of each is last. */
extern const int8_t g_micro_speech_features[];
extern const unsigned int g_micro_speech_features_size;

#endif
