/* Uses all that sw/API.md says is there, the way applications do, and returns 7 when it is right. */
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "tensorflow/lite/c/c_api_types.h"
#include "tensorflow/lite/core/c/common.h"
#include "tensorflow/lite/kernels/internal/compatibility.h"
#include "tensorflow/lite/kernels/internal/tensor_ctypes.h"
#include "tensorflow/lite/kernels/op_macros.h"
#include "tensorflow/lite/micro/all_ops_resolver.h"
#include "tensorflow/lite/micro/compatibility.h"
#include "tensorflow/lite/micro/kernels/kernel_util.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_log.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"
#include "tensorflow/lite/micro/micro_profiler.h"
#include "tensorflow/lite/micro/micro_time.h"
#include "tensorflow/lite/micro/system_setup.h"
#include "tensorflow/lite/schema/schema_generated.h"

extern const unsigned char g_kws[];
extern const int8_t g_kws_input[];
extern const unsigned int g_kws_size, g_kws_len, g_kws_input_size;

/* Instead of the default, which does nothing. */
static int initialised = 0;
void tflite::InitializeTarget() { ++initialised; }

namespace {

alignas(16) uint8_t arena[64 * 1024];
int evaluations = 0;

/* A constructor that somebody has to run before main. */
struct Started {
  int value;
  Started() : value(std::strlen("started")) {}
};
Started started;

/* TFLM calls this around each operator. */
class Counter : public tflite::MicroProfilerInterface {
 public:
  virtual ~Counter() = default;
  uint32_t BeginEvent(const char *tag) override {
    convolutions += std::strcmp(tag, "CONV_2D") == 0;
    return ++begun;
  }
  void EndEvent(uint32_t handle) override { ended += handle == begun; }
  uint32_t begun = 0, ended = 0, convolutions = 0;

 private:
  TF_LITE_REMOVE_VIRTUAL_DELETE
};

/* A SOFTMAX of the application's own, which is the identity. */
TfLiteStatus PrepareIdentity(TfLiteContext *context, TfLiteNode *node) {
  tflite::MicroContext *micro = tflite::GetMicroContext(context);
  TfLiteTensor *input = micro->AllocateTempInputTensor(node, 0);
  TF_LITE_ENSURE(context, input != nullptr);
  TF_LITE_ENSURE_TYPES_EQ(context, input->type, kTfLiteInt8);
  TF_LITE_ENSURE_EQ(context, input->dims->size, 2);
  micro->DeallocateTempTfLiteTensor(input);
  return kTfLiteOk;
}

TfLiteStatus EvalIdentity(TfLiteContext *context, TfLiteNode *node) {
  const TfLiteEvalTensor *input = tflite::micro::GetEvalInput(context, node, 0);
  TfLiteEvalTensor *output = tflite::micro::GetEvalOutput(context, node, 0);
  std::memcpy(tflite::micro::GetTensorData<int8_t>(output),
              tflite::micro::GetTensorData<int8_t>(input), input->dims->data[1]);
  ++evaluations;
  return kTfLiteOk;
}

template <unsigned kCount>
TfLiteStatus AddOperators(tflite::MicroMutableOpResolver<kCount> &resolver) {
  TF_LITE_ENSURE_STATUS(resolver.AddConv2D(tflite::Register_CONV_2D_INT8()));
  TF_LITE_ENSURE_STATUS(resolver.AddDepthwiseConv2D());
  TF_LITE_ENSURE_STATUS(resolver.AddAveragePool2D(tflite::Register_AVERAGE_POOL_2D_INT8()));
  TF_LITE_ENSURE_STATUS(resolver.AddReshape());
  return resolver.AddFullyConnected(tflite::Register_FULLY_CONNECTED_INT8());
}

void CheckModel(const tflite::Model *model) {
  TFLITE_CHECK_EQ(model->version(), TFLITE_SCHEMA_VERSION);
  TFLITE_CHECK_EQ(model->subgraphs()->size(), 1u);
  const tflite::SubGraph *subgraph = (*model->subgraphs())[0];
  TFLITE_CHECK_EQ(subgraph->inputs()->size(), 1u);
  const tflite::Tensor *input = subgraph->tensors()->Get(subgraph->inputs()->Get(0));
  TFLITE_CHECK_EQ(input->type(), tflite::TensorType_INT8);
  TFLITE_CHECK_EQ(input->shape()->Get(1), 49);
  TFLITE_CHECK_GE(model->operator_codes()->size(), 5u);
}

void CheckTensors(tflite::MicroInterpreter &interpreter) {
  TfLiteTensor *input = interpreter.input(0);
  TFLITE_CHECK_EQ(interpreter.inputs_size(), 1u);
  TFLITE_CHECK_EQ(interpreter.outputs_size(), 1u);
  TFLITE_CHECK_EQ(interpreter.inputs().size(), 1u);
  TFLITE_CHECK_EQ(interpreter.outputs().size(), 1u);
  TFLITE_CHECK_EQ(interpreter.input(1), nullptr);
  TFLITE_CHECK_EQ(interpreter.input_tensor(0), input);
  TFLITE_CHECK_EQ(interpreter.output_tensor(0), interpreter.output(0));
  TFLITE_CHECK_EQ(input->type, kTfLiteInt8);
  TFLITE_CHECK_EQ(input->bytes, g_kws_input_size);
  TFLITE_CHECK_EQ(input->quantization.type, kTfLiteAffineQuantization);
  TFLITE_CHECK_GT(input->params.scale, 0.0f);
  TfLiteIntArray *dims = input->dims;
  TFLITE_CHECK_EQ(dims->size, 4);
  TFLITE_CHECK_EQ(dims->data[1] * dims->data[2], 490);
  TFLITE_CHECK_EQ(interpreter.typed_input_tensor<int8_t>(0), input->data.int8);
  TFLITE_CHECK_EQ(interpreter.typed_input_tensor<float>(0), nullptr);
  TFLITE_CHECK_EQ(interpreter.typed_output_tensor<uint8_t>(0), nullptr);
  TFLITE_CHECK_EQ(tflite::GetTensorData<int8_t>(input), input->data.int8);
  const int tensor = interpreter.inputs().Get(0);
  TFLITE_CHECK_EQ(interpreter.GetTensor(tensor)->data.raw, input->data.raw);
  TFLITE_CHECK_LE(interpreter.arena_used_bytes(), sizeof arena);
  TFLITE_CHECK_EQ(interpreter.initialization_status(), kTfLiteOk);
  TFLITE_CHECK(!interpreter.preserve_all_tensors());
}

void CheckTextAndTime() {
  char text[8];
  TFLITE_CHECK_EQ(MicroSnprintf(text, sizeof text, "%05d %.1f", 42, 2.25), 9);
  TFLITE_CHECK_EQ(std::strcmp(text, "00042 2"), 0);
  TFLITE_CHECK_EQ(std::snprintf(text, sizeof text, "%x", 48879u), 4);
  TFLITE_CHECK_EQ(std::strcmp(text, "beef"), 0);
  TFLITE_CHECK_GT(tflite::ticks_per_second(), 1000u);
  TFLITE_CHECK_EQ(tflite::TicksToMs(int32_t(tflite::ticks_per_second())), 1000u);
  const uint32_t before = tflite::GetCurrentTimeTicks();
  volatile float spent = 0;
  for (int i = 0; i < 1000; ++i) spent = spent + std::sqrt(float(i));
  TFLITE_CHECK_GT(tflite::GetCurrentTimeTicks() - before, 0u);
}

tflite::MicroProfiler profiler; /* too large for a small stack */

}  // namespace

int main(int argc, char **argv) {
  TFLITE_CHECK_EQ(argc, 1);
  TFLITE_CHECK(argv[0] != nullptr && argv[1] == nullptr);
  TFLITE_CHECK_EQ(started.value, 7);
  tflite::InitializeTarget();
  TFLITE_CHECK_EQ(initialised, 1);
  TFLITE_CHECK_EQ(g_kws_size, g_kws_len);
  CheckTextAndTime();
  const tflite::Model *model = ::tflite::GetModel(g_kws);
  CheckModel(model);

  /* The application's own operator in a builtin's place, and its own profiler. */
  {
    static tflite::MicroMutableOpResolver<6> resolver;
    TF_LITE_ENSURE_STATUS(AddOperators(resolver));
    const TFLMRegistration identity =
        tflite::micro::RegisterOp(nullptr, PrepareIdentity, EvalIdentity);
    TF_LITE_ENSURE_STATUS(resolver.AddSoftmax(identity));
    TFLITE_CHECK_EQ(resolver.AddSoftmax(), kTfLiteError); /* a second time */
    TFLITE_CHECK_EQ(resolver.GetRegistrationLength(), 6u);
    Counter counter;
    tflite::MicroInterpreter interpreter(model, resolver, arena, sizeof arena, nullptr, &counter);
    TF_LITE_ENSURE_STATUS(interpreter.AllocateTensors());
    TF_LITE_ENSURE_STATUS(interpreter.Invoke());
    TFLITE_CHECK_EQ(evaluations, 1);
    TFLITE_CHECK_EQ(counter.begun, 13u);
    TFLITE_CHECK_EQ(counter.ended, 13u);
    TFLITE_CHECK_EQ(counter.convolutions, 5u);
  }

  /* The builtin operators, TFLM's profiler; and again after Reset. */
  static tflite::AllOpsResolver resolver;
  tflite::MicroInterpreter interpreter(model, resolver, arena, sizeof arena, nullptr, &profiler);
  TF_LITE_ENSURE_STATUS(interpreter.AllocateTensors());
  CheckTensors(interpreter);
  int8_t first[12];
  for (int again = 0; again < 2; ++again) {
    std::memcpy(interpreter.input(0)->data.int8, g_kws_input, g_kws_input_size);
    TF_LITE_ENSURE_STATUS(interpreter.Invoke());
    if (again) {
      TFLITE_CHECK_EQ(std::memcmp(first, interpreter.output(0)->data.int8, sizeof first), 0);
    }
    std::memcpy(first, interpreter.output(0)->data.int8, sizeof first);
    TF_LITE_ENSURE_STATUS(interpreter.Reset());
  }
  { tflite::ScopedMicroProfiler scope("scope", &profiler); }
  profiler.LogCsv();
  profiler.LogTicksPerTagCsv();
  TFLITE_CHECK_GT(profiler.GetTotalTicks(), 0u);
  profiler.ClearEvents();
  for (int i = 0; i < 600; ++i) profiler.EndEvent(profiler.BeginEvent("event"));
  profiler.Log();
  std::printf("scores");
  for (int8_t score : first) std::printf(" %d", score);
  std::puts("");
  return 7;
}
