/* Classifies one second of sound after another, given as int8 features, and prints the word. */
#include "main_functions.h"

#include <cstdint>
#include <cstring>

#include "model_settings.h"
#include "recognize_commands.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler.h"
#include "tensorflow/lite/micro/system_setup.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

constexpr int kArenaSize = 10 * 1024;
alignas(16) uint8_t arena[kArenaSize];

using OpResolver = tflite::MicroMutableOpResolver<4>;
tflite::MicroInterpreter *interpreter = nullptr;
tflite::MicroProfiler profiler;
int second = 0;

TfLiteStatus AddOperators(OpResolver &resolver) {
  TF_LITE_ENSURE_STATUS(resolver.AddReshape());
  TF_LITE_ENSURE_STATUS(resolver.AddDepthwiseConv2D());
  TF_LITE_ENSURE_STATUS(resolver.AddFullyConnected());
  TF_LITE_ENSURE_STATUS(resolver.AddSoftmax());
  return kTfLiteOk;
}

}  // namespace

void setup() {
  tflite::InitializeTarget();
  const tflite::Model *model = tflite::GetModel(g_micro_speech_model_data);
  if (model->version() != TFLITE_SCHEMA_VERSION) {
    MicroPrintf("the model has schema version %d, not %d", int(model->version()),
                TFLITE_SCHEMA_VERSION);
    return;
  }

  static OpResolver resolver;
  if (AddOperators(resolver) != kTfLiteOk) return;

  static tflite::MicroInterpreter static_interpreter(model, resolver, arena, kArenaSize, nullptr,
                                                     &profiler);
  if (static_interpreter.AllocateTensors() != kTfLiteOk) {
    MicroPrintf("AllocateTensors() failed");
    return;
  }
  const TfLiteTensor *input = static_interpreter.input_tensor(0);
  if (input->type != kTfLiteInt8 || input->bytes != kFeatureCount) {
    MicroPrintf("the model takes other features than %d of INT8", kFeatureCount);
    return;
  }
  interpreter = &static_interpreter;
}

void loop() {
  if (!interpreter) return;
  int8_t *features = interpreter->typed_input_tensor<int8_t>(0);
  std::memcpy(features, g_micro_speech_features + second * kFeatureCount, kFeatureCount);
  if (interpreter->Invoke() != kTfLiteOk) {
    MicroPrintf("Invoke failed");
    return;
  }
  const TfLiteTensor *output = interpreter->output_tensor(0);
  const int8_t *scores = output->data.int8;
  MicroPrintf("second %d: %s (%d %d %d %d)", second, kCategoryLabels[TopCategory(output)],
              scores[0], scores[1], scores[2], scores[3]);
  if (++second == 1) profiler.LogCsv();
}
