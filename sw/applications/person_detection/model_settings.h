/* The model's inputs and outputs. */
#ifndef MODEL_SETTINGS_H_
#define MODEL_SETTINGS_H_

constexpr int kNumRows = 96;
constexpr int kNumCols = 96;
constexpr int kNumChannels = 1;

constexpr int kNotAPersonIndex = 0;
constexpr int kPersonIndex = 1;

extern const unsigned char g_person_detect_model_data[];

#endif
