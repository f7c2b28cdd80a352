/* Traces a sine wave: each call of loop takes one x, and prints the model's y for it. */
#include "main_functions.h"

#include <cmath>
#include <cstdint>

#include "model.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/micro/system_setup.h"
#include "tensorflow/lite/schema/schema_generated.h"

namespace {

constexpr float kRange = 2.0f * 3.14159265f;
constexpr int kStepsOfWave = 20;
constexpr int kArenaSize = 3000;
alignas(16) uint8_t arena[kArenaSize];

tflite::MicroInterpreter *interpreter = nullptr;
int step = 0;

}  // namespace

void setup() {
  tflite::InitializeTarget();
  const tflite::Model *model = tflite::GetModel(g_hello_world_model_data);
  if (model->version() != TFLITE_SCHEMA_VERSION) {
    MicroPrintf("the model has schema version %d, not %d", int(model->version()),
                TFLITE_SCHEMA_VERSION);
    return;
  }

  static tflite::MicroMutableOpResolver<1> resolver;
  if (resolver.AddFullyConnected() != kTfLiteOk) return;

  static tflite::MicroInterpreter static_interpreter(model, resolver, arena, kArenaSize);
  if (static_interpreter.AllocateTensors() != kTfLiteOk) {
    MicroPrintf("AllocateTensors() failed");
    return;
  }
  interpreter = &static_interpreter;
  MicroPrintf("the model uses %d of the arena's %d bytes", int(interpreter->arena_used_bytes()),
              kArenaSize);
}

void loop() {
  if (!interpreter) return;
  TfLiteTensor *input = interpreter->input(0);
  TfLiteTensor *output = interpreter->output(0);

  const float x = kRange * float(step) / float(kStepsOfWave);
  const float quantised = std::round(x / input->params.scale) + float(input->params.zero_point);
  input->data.int8[0] = int8_t(quantised > 127.0f ? 127.0f : quantised);
  const int8_t given = input->data.int8[0];

  if (interpreter->Invoke() != kTfLiteOk) {
    MicroPrintf("Invoke failed at x = %f", static_cast<double>(x));
    return;
  }
  const int8_t answer = tflite::GetTensorData<int8_t>(output)[0];
  const float y = float(answer - output->params.zero_point) * output->params.scale;
  MicroPrintf("x = %.3f, y = %.3f (int8 %d -> %d)", static_cast<double>(x), static_cast<double>(y),
              given, answer);
  step = (step + 1) % kStepsOfWave;
}
