#include "runner.h"

#include "reply.h"
#include "tensorflow/lite/micro/micro_mutable_op_resolver.h"

inline void *operator new(size_t, void *place) { return place; }

namespace device {
namespace {

constexpr size_t kCachePage = 4096; /* of the data cache: cycles do not depend on the page */

/* The operators in this firmware: all, or those of one model. */
class Resolver final : public tflite::MicroMutableOpResolver<tflite::kBuiltinOpCount> {
 public:
  Resolver() {
#define X(method, op) Add##method();
#include "operators.inc" /* generated */
#undef X
  }
};

alignas(Resolver) uint8_t resolver_place[sizeof(Resolver)];
alignas(tflite::MicroInterpreter) uint8_t interpreter_place[sizeof(tflite::MicroInterpreter)];

/* If memory is short, do not waste a page on alignment. */
size_t AlignmentIn(size_t room) { return room >= 256 * kCachePage ? kCachePage : 32; }

uint8_t *AlignUp(uint8_t *place, size_t alignment) {
  const uintptr_t address = reinterpret_cast<uintptr_t>(place);
  return place + (-address & (alignment - 1));
}

size_t InputBytes(tflite::MicroInterpreter &interpreter) {
  size_t bytes = 0;
  for (size_t i = 0; i < interpreter.inputs_size(); ++i) bytes += interpreter.input(i)->bytes;
  return bytes;
}

bool RuntimeError() {
  const char *const why = *Message() ? Message() : "the model cannot be run";
  return *kOnlyModel ? Error("%s (the firmware is made for %s)", why, kOnlyModel) : Error("%s", why);
}

}  // namespace

uint8_t *Runner::PlaceOfModel() const {
  const Room room = ModelRoom();
  return AlignUp(room.begin + sizeof(ImageHeader), AlignmentIn(room.size));
}

size_t Runner::model_room() const {
  const Room room = ModelRoom();
  const size_t before = size_t(PlaceOfModel() - room.begin);
  return room.size > before ? room.size - before : 0;
}

void Runner::Start() {
  Forget();
  const Room stored = StoredModel();
  const auto *loaded = reinterpret_cast<const ImageHeader *>(PlaceOfModel()) - 1;
  const auto *in_flash = reinterpret_cast<const ImageHeader *>(stored.begin);
  if (model_room() && loaded->is_whole(model_room())) {
    image_ = loaded;
  } else if (stored.size > sizeof *in_flash && in_flash->is_whole(stored.size - sizeof *in_flash)) {
    image_ = in_flash;
  }
}

bool Runner::Begin(uint32_t size, uint32_t crc) {
  if (size == 0 || size > model_room()) {
    return Error("a model must have 1 to %u bytes, not %u", unsigned(model_room()), unsigned(size));
  }
  Distrust();
  reinterpret_cast<ImageHeader *>(PlaceOfModel())[-1].magic = 0;
  image_ = nullptr;
  loading_ = {PlaceOfModel(), size, 0};
  crc_ = crc;
  return true;
}

bool Runner::Load(uint32_t offset, const uint8_t *bytes, size_t count, bool *done) {
  *done = false;
  if (!loading_.size) return Error("no model is being loaded");
  if (!loading_.Put(offset, bytes, count)) return GapError(loading_, offset, count);
  if (!loading_.is_complete()) return true;
  const uint32_t size = uint32_t(loading_.size);
  loading_ = {};
  if (Crc32(PlaceOfModel(), size) != crc_) return Error("the model's CRC is not %08x", unsigned(crc_));
  ImageHeader *const header = reinterpret_cast<ImageHeader *>(PlaceOfModel()) - 1;
  *header = {ImageHeader::kMagic, size, crc_, {}};
  image_ = header;
  *done = Prepare();
  if (!*done) header->magic = 0; /* the next start must not pick it up */
  if (!*done) image_ = nullptr;
  return *done;
}

bool Runner::Prepare() {
  Distrust();
  ForgetMessage();
  if (!tflite::VerifyModel(image_->model(), image_->size)) return RuntimeError();
  const Room left = LeftByModel();
  arena_ = ArenaRoom();
  if (arena_.size && PrepareInArena()) return true;
  if (arena_.size >= left.size) return RuntimeError();
  ForgetMessage();
  arena_ = left;
  return PrepareInArena() || RuntimeError();
}

Room Runner::LeftByModel() const {
  const Room room = ModelRoom();
  const bool is_loaded = image_->model() == PlaceOfModel();
  uint8_t *const from = is_loaded ? PlaceOfModel() + image_->size : room.begin;
  uint8_t *const begin = AlignUp(from, AlignmentIn(room.size)), *const end = room.begin + room.size;
  return {begin, begin < end ? size_t(end - begin) : 0};
}

bool Runner::PrepareInArena() {
  const auto *resolver = new (resolver_place) Resolver;
  auto *interpreter = new (interpreter_place) tflite::MicroInterpreter(
      tflite::GetModel(image_->model()), *resolver, arena_.begin, arena_.size, nullptr, &profiler_);
  if (interpreter->AllocateTensors() != kTfLiteOk) return false;
  interpreter_ = interpreter;
  if (!KeepInput()) interpreter_ = nullptr;
  return interpreter_;
}

/* Finds memory for data other than the interpreter's. */
bool Runner::KeepInput() {
  arena_used_ = interpreter_->arena_used_bytes();
  tflite::MicroContext &context = interpreter_->context();
  const uint32_t layers = uint32_t(interpreter_->nodes_size());
  auto *const cycles = static_cast<uint32_t *>(context.AllocatePersistentBuffer(layers * sizeof(uint32_t)));
  input_ = {nullptr, InputBytes(*interpreter_), 0};
  input_.data = static_cast<uint8_t *>(context.AllocatePersistentBuffer(input_.size, 16));
  profiler_.Start(cycles, layers);
  return cycles && input_.data;
}

bool Runner::Ready() {
  if (interpreter_) return true;
  return image_ ? Prepare() : Error("there is no model: load one");
}

void Runner::Forget() {
  Distrust();
  image_ = nullptr;
}

void Runner::Distrust() {
  interpreter_ = nullptr;
  has_outputs_ = false;
  input_ = {};
  loading_ = {};
  arena_used_ = 0;
}

Buffer *Runner::input() { return Ready() ? &input_ : nullptr; }

bool Runner::SetInput(uint32_t offset, const uint8_t *bytes, size_t count) {
  if (!Ready()) return false;
  return input_.Put(offset, bytes, count) || GapError(input_, offset, count);
}

void Runner::CopyInput() {
  const uint8_t *from = input_.data;
  for (size_t i = 0; i < interpreter_->inputs_size(); ++i) {
    TfLiteTensor *const tensor = interpreter_->input(i);
    __builtin_memcpy(tensor->data.data, from, tensor->bytes);
    from += tensor->bytes;
  }
}

bool Runner::Infer() {
  if (!Ready()) return false;
  CopyInput();
  ForgetMessage();
  has_outputs_ = false;
  profiler_.Rewind();
  const uint64_t begin = Cycles();
  const TfLiteStatus status = interpreter_->Invoke();
  invoke_cycles_ = Cycles() - begin;
  has_outputs_ = status == kTfLiteOk;
  return has_outputs_ || RuntimeError();
}

bool Runner::Observe(tflite::MicroProfilerInterface &observer) {
  CopyInput();
  ForgetMessage();
  interpreter_->set_profiler(&observer);
  const TfLiteStatus status = interpreter_->Invoke();
  interpreter_->set_profiler(&profiler_);
  if (status != kTfLiteOk) has_outputs_ = false;
  return status == kTfLiteOk || RuntimeError();
}

bool Runner::Reset() {
  if (!Ready()) return false;
  has_outputs_ = false;
  return interpreter_->Reset() == kTfLiteOk || RuntimeError();
}

}  // namespace device
