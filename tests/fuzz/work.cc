#include "work.h"

namespace fuzz {
namespace {

constexpr uint64_t kMostMacs = 100000;

class Operator {
 public:
  Operator(const tflite::Model &model, tflite::MicroInterpreter &interpreter, int index)
      : interpreter_(interpreter),
        node_(interpreter.nodes()[index]),
        code_(interpreter.builtin_code(index)),
        options_(model.subgraphs()->Get(0)->operators()->Get(uint32_t(index))->builtin_options()) {}

  uint64_t Macs() const {
    switch (code_) {
      case tflite::BuiltinOperator_CONV_2D:
      case tflite::BuiltinOperator_FULLY_CONNECTED:
        return Elements(Output()) * (Elements(Input(1)) / Dimension(Input(1), 0));
      case tflite::BuiltinOperator_DEPTHWISE_CONV_2D:
        return Elements(Output()) * (Elements(Input(1)) / Dimension(Input(1), 3));
      case tflite::BuiltinOperator_TRANSPOSE_CONV:
        return Elements(Input(2)) * (Elements(Input(1)) / Dimension(Input(1), 3));
      case tflite::BuiltinOperator_SVDF:
        return Dimension(Input(0), 0) * (Elements(Input(1)) + Elements(Input(2)));
      case tflite::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM: {
        uint64_t weights = 0;
        for (int i = 1; i < node_.inputs->size; ++i) weights += Elements(Input(i));
        return Elements(Output()) * weights;
      }
      case tflite::BuiltinOperator_AVERAGE_POOL_2D:
      case tflite::BuiltinOperator_MAX_POOL_2D: {
        const auto *options = static_cast<const tflite::Pool2DOptions *>(options_);
        return Elements(Output()) * Smaller(options->filter_height(), Dimension(Input(0), 1)) *
               Smaller(options->filter_width(), Dimension(Input(0), 2));
      }
      default:
        return 0;
    }
  }

 private:
  static uint64_t Smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }
  const TfLiteEvalTensor *Tensor(int index) const {
    return index < 0 ? nullptr : interpreter_.GetTensor(index);
  }
  const TfLiteEvalTensor *Input(int i) const {
    return i < node_.inputs->size ? Tensor(node_.inputs->data[i]) : nullptr;
  }
  const TfLiteEvalTensor *Output() const { return Tensor(node_.outputs->data[0]); }
  static uint64_t Elements(const TfLiteEvalTensor *tensor) {
    uint64_t count = tensor != nullptr;
    for (int i = 0; tensor && i < tensor->dims->size; ++i) count *= tensor->dims->data[i];
    return count;
  }
  static uint64_t Dimension(const TfLiteEvalTensor *tensor, int i) {
    return uint64_t(tensor->dims->data[i]);
  }

  tflite::MicroInterpreter &interpreter_;
  const tflite::MicroNode &node_;
  tflite::BuiltinOperator code_;
  const tflite::flat::Table *options_;
};

}  // namespace

bool IsLittleWork(const tflite::Model &model, tflite::MicroInterpreter &interpreter) {
  uint64_t macs = 0;
  for (int i = 0; i < interpreter.nodes_size() && macs <= kMostMacs; ++i) {
    macs += Operator(model, interpreter, i).Macs();
  }
  return macs <= kMostMacs;
}

}  // namespace fuzz
