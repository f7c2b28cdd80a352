/* Classifies one picture after another, prints whether a person is in it, and where the time goes. */
#include "main_functions.h"

#include <cstdint>

#include "detection_responder.h"
#include "image_provider.h"
#include "model_settings.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler.h"
#include "tensorflow/lite/micro/system_setup.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

constexpr int kArenaSize = 136 * 1024;
alignas(16) uint8_t arena[kArenaSize];

tflite::MicroInterpreter *interpreter = nullptr;
tflite::MicroProfiler profiler;

TfLiteStatus AddOperators(tflite::MicroMutableOpResolver<5> &resolver) {
  TF_LITE_ENSURE_STATUS(resolver.AddAveragePool2D(tflite::Register_AVERAGE_POOL_2D_INT8()));
  TF_LITE_ENSURE_STATUS(resolver.AddConv2D(tflite::Register_CONV_2D_INT8()));
  TF_LITE_ENSURE_STATUS(resolver.AddDepthwiseConv2D(tflite::Register_DEPTHWISE_CONV_2D_INT8()));
  TF_LITE_ENSURE_STATUS(resolver.AddReshape());
  return resolver.AddSoftmax(tflite::Register_SOFTMAX_INT8());
}

}  // namespace

void setup() {
  tflite::InitializeTarget();
  const tflite::Model *model = tflite::GetModel(g_person_detect_model_data);
  if (model->version() != TFLITE_SCHEMA_VERSION) {
    MicroPrintf("the model has schema version %d, not %d", int(model->version()),
                TFLITE_SCHEMA_VERSION);
    return;
  }

  static tflite::MicroMutableOpResolver<5> resolver;
  if (AddOperators(resolver) != kTfLiteOk) return;

  static tflite::MicroInterpreter static_interpreter(model, resolver, arena, kArenaSize, nullptr,
                                                     &profiler);
  if (static_interpreter.AllocateTensors() != kTfLiteOk) {
    MicroPrintf("AllocateTensors() failed");
    return;
  }
  const TfLiteIntArray *dims = static_interpreter.input(0)->dims;
  if (dims->size != 4 || dims->data[1] != kNumRows || dims->data[2] != kNumCols ||
      dims->data[3] != kNumChannels) {
    MicroPrintf("the model takes other pictures than %dx%dx%d", kNumRows, kNumCols, kNumChannels);
    return;
  }
  interpreter = &static_interpreter;
}

void loop() {
  if (!interpreter) return;
  TfLiteTensor *input = interpreter->input(0);
  if (GetImage(kNumCols, kNumRows, kNumChannels, input->data.int8) != kTfLiteOk) {
    MicroPrintf("there is no picture");
    return;
  }
  profiler.ClearEvents();
  if (interpreter->Invoke() != kTfLiteOk) {
    MicroPrintf("Invoke failed");
    return;
  }
  const int8_t *scores = interpreter->typed_output_tensor<int8_t>(0);
  RespondToDetection(scores[kPersonIndex], scores[kNotAPersonIndex]);
  profiler.LogTicksPerTagCsv();
}
