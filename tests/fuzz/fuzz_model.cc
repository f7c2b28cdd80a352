/* libFuzzer's target: load a file, allocate, and infer where that is no more than kMostMacs.
 *
 * What must hold beside the sanitizers: a failure says why in one line; of an arena that is too
 * small, how many bytes are needed; with these bytes it is enough; the outputs do not depend on the
 * memory plan. Model and arena are heap blocks of exactly their size. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <memory>
#include <string>
#include <vector>

#include "execution.h"
#include "tensorflow/lite/micro/all_ops_resolver.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "work.h"

namespace fuzz {
namespace {

constexpr size_t kLargestArena = 1 << 20;
constexpr size_t kUsualArena = 48 << 10, kSpaciousArena = 120 << 10; /* still cheap to allocate */


struct Counts {
  unsigned long executions, loaded, small_arenas, allocated, inferences;
} counts;

std::string message;

[[noreturn]] void Finding(const char *what) {
  fprintf(stderr, "FINDING: %s; the runtime said: '%s'\n", what, message.c_str());
  abort();
}
void Require(bool condition, const char *what) {
  if (!condition) Finding(what);
}

/* Memory of exactly `size` bytes, which start `offset` bytes behind a multiple of 16. */
class Block {
 public:
  Block(size_t size, size_t offset) : memory_(malloc(size + offset)), start_(nullptr) {
    start_ = static_cast<uint8_t *>(memory_) + offset;
  }
  ~Block() { free(memory_); }
  Block(const Block &) = delete;
  uint8_t *start() const { return start_; }

 private:
  void *memory_;
  uint8_t *start_;
};

void CheckMessage() {
  Require(!message.empty(), "a failure without a message");
  Require(message.find('\n') == std::string::npos, "a message of several lines");
}

/* What the message says that the arena needs; 0 when it says something else. */
size_t BytesNeeded() {
  const size_t arena = message.find("the tensor arena of "), end = message.rfind(" bytes");
  if (arena == std::string::npos) return 0;
  return strtoul(message.c_str() + message.rfind(' ', end - 1), nullptr, 10);
}

void FillInput(const Control &control, size_t index, TfLiteTensor *tensor) {
  uint32_t state = control.seed + uint32_t(index) * 2654435761u + 1;
  for (size_t i = 0; i < tensor->bytes; ++i) {
    state = state * 1664525u + 1013904223u;
    const int value = control.fill == 0   ? -128
                      : control.fill == 1 ? 127
                      : control.fill == 2 ? 0
                                          : int(state >> 24);
    tensor->data.uint8[i] = uint8_t(value);
  }
}

/* A model in an arena. */
class Attempt {
 public:
  Attempt(const uint8_t *model, size_t arena_size, const Control &control, bool preserve_all)
      : arena_(arena_size, control.flags & kMisplacedArena ? 1 + control.seed % 15 : 0),
        interpreter_(tflite::GetModel(Forgetful(model)), Resolver(), arena_.start(), arena_size,
                     nullptr, nullptr, preserve_all) {
    allocated_ = interpreter_.AllocateTensors() == kTfLiteOk;
    if (!allocated_) CheckMessage();
    Require(allocated_ == message.empty(), "success with a message, or none with a failure");
    const size_t told = BytesNeeded();
    Require(!told || told > arena_size, "an arena is too small, and more than the bytes needed");
    Require(!told || told <= needed(), "a message with more than the bytes needed");
    Require(!allocated_ || needed() <= arena_size, "more of the arena used than there is");
    small_ = told > 0;
  }

  bool allocated() const { return allocated_; }
  bool small() const { return small_; }
  size_t needed() const { return interpreter_.arena_used_bytes(); }
  tflite::MicroInterpreter &interpreter() { return interpreter_; }

  /* Runs two inferences, of which the second finds variables as the first left them. False when an
   * operator refuses what it is given. */
  bool Infer(const Control &control) {
    for (int time = 0; time < 2; ++time) {
      for (size_t i = 0; i < interpreter_.inputs_size(); ++i) {
        FillInput(control, i, interpreter_.input(i));
      }
      message.clear();
      if (interpreter_.Invoke() != kTfLiteOk) {
        CheckMessage();
        return false;
      }
    }
    return true;
  }

  std::string Outputs() {
    std::string all;
    for (size_t i = 0; i < interpreter_.outputs_size(); ++i) {
      const TfLiteTensor *output = interpreter_.output(i);
      all.append(output->data.raw_const, output->bytes);
    }
    return all;
  }

 private:
  static const uint8_t *Forgetful(const uint8_t *model) {
    message.clear(); /* what follows reports its own failures */
    return model;
  }
  static const tflite::MicroOpResolver &Resolver() {
    static const tflite::AllOpsResolver resolver;
    return resolver;
  }

  Block arena_;
  tflite::MicroInterpreter interpreter_;
  bool allocated_ = false, small_ = false;
};

/* In an arena that is large enough; null when there is none, or the model is refused. */
std::unique_ptr<Attempt> Allocate(const uint8_t *model, const Control &control) {
  const bool preserve_all = control.flags & kPreserveAll;
  size_t size = control.arena < kAmple ? control.arena : kUsualArena;
  auto attempt = std::make_unique<Attempt>(model, size, control, preserve_all);
  if (attempt->small()) {
    ++counts.small_arenas;
    const size_t needed = attempt->needed();
    const bool exact = message.find("at least") == std::string::npos;
    if (needed > kLargestArena) return nullptr;
    attempt = std::make_unique<Attempt>(model, needed, control, preserve_all);
    Require(!attempt->small() || !exact, "the bytes needed are not enough");
    Require(!attempt->small() || attempt->needed() > needed, "as many bytes were not enough");
    if (attempt->small()) {
      attempt = std::make_unique<Attempt>(model, kLargestArena, control, preserve_all);
    }
  }
  return attempt->allocated() ? std::move(attempt) : nullptr;
}

/* Keeps some of what was inferred, of all times alike. */
void Remember(const uint8_t *data, size_t size, const Control &control) {
  constexpr size_t kMost = 1024, kLargest = 8 << 10;
  if (size > kLargest) return;
  std::vector<Bytes> &kept = Inferred();
  const size_t place = kept.size() < kMost ? kept.size() : size_t(counts.inferences * 2654435761u % kMost);
  if (place == kept.size()) kept.emplace_back();
  Bytes &input = kept[place];
  input.assign(data, data + size);
  const uint8_t *end = reinterpret_cast<const uint8_t *>(&control);
  input.insert(input.end(), end, end + sizeof control);
}

void Execute(const uint8_t *data, size_t size, const Control &control) {
  const Block model(size, control.flags & kMisplacedModel ? 1 + control.seed % 15 : 0);
  memcpy(model.start(), data, size);
  message.clear();
  if (!tflite::VerifyModel(model.start(), size)) return CheckMessage();
  ++counts.loaded;
  auto attempt = Allocate(model.start(), control);
  if (!attempt) return;
  ++counts.allocated;
  if (!IsLittleWork(*tflite::GetModel(model.start()), attempt->interpreter())) return;
  ++counts.inferences;
  const bool inferred = attempt->Infer(control);
  Require(memcmp(model.start(), data, size) == 0, "the model was written to");
  Remember(data, size, control);
  if (!(control.flags & kCompare)) return;
  Attempt apart(model.start(), kSpaciousArena, control, true);
  if (!apart.allocated()) return;
  Require(apart.Infer(control) == inferred, "an inference's success depends on the memory plan");
  Require(!inferred || attempt->Outputs() == apart.Outputs(),
          "the outputs depend on the memory plan");
}

void Report() {
  if (const char *path = getenv("FUZZ_COUNTS")) {
    FILE *file = fopen(path, "w");
    if (!file) return;
    fprintf(file,
            "{\"executions\": %lu, \"loaded\": %lu, \"small_arenas\": %lu, \"allocated\": %lu, "
            "\"inferences\": %lu}\n",
            counts.executions, counts.loaded, counts.small_arenas, counts.allocated,
            counts.inferences);
    fclose(file);
  }
}

}  // namespace

std::vector<Bytes> &Inferred() {
  static std::vector<Bytes> kept;
  return kept;
}

size_t Split(const uint8_t *data, size_t size, Control *control) {
  *control = {0, kAmple, 3, 0};
  if (size < sizeof *control) return size;
  memcpy(control, data + size - sizeof *control, sizeof *control);
  return size - sizeof *control;
}

}  // namespace fuzz

extern "C" void DebugLog(const char *line) {
  if (fuzz::message.empty()) fuzz::message = line;
}

extern "C" int LLVMFuzzerInitialize(int *, char ***) {
  atexit(fuzz::Report);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  fuzz::Control control;
  const size_t file = fuzz::Split(data, size, &control);
  ++fuzz::counts.executions;
  fuzz::Execute(data, file, control);
  return 0;
}
