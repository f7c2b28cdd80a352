/* The runtime as C functions, for sw/host_runtime.py. No heap: the caller provides all memory, which must
 * not move while the runtime is used. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#endif

#include "tensorflow/lite/micro/all_ops_resolver.h"
#include "tensorflow/lite/micro/micro_interpreter.h"
#include "tensorflow/lite/micro/micro_log.h"

using tflite::MicroInterpreter;

inline void *operator new(size_t, void *place) { return place; }

namespace {

/* Whether an access to unmapped memory ends the inference rather than the process. */
volatile bool is_watching;
sigjmp_buf before_fault;
const void *fault_address;
const void *fault_pc; /* the instruction that made it; null if not known */
int fault_kind;       /* 1: a read, 2: a write, 0: not known */

/* AddressSanitizer's report on an operator's first forbidden access. */
char report[4096];

#ifdef __SANITIZE_ADDRESS__
void OnReport(const char *text) {
  if (!is_watching || report[0]) return;
  fault_address = __asan_get_report_address();
  fault_pc = nullptr;
  for (unsigned i = 0; i < sizeof report - 1 && (report[i] = text[i]); ++i) {
  }
}
#endif

void KeepPlace(const void *context) {
  fault_pc = nullptr;
  fault_kind = 0;
#ifdef __x86_64__
  const auto &registers = static_cast<const ucontext_t *>(context)->uc_mcontext.gregs;
  fault_pc = reinterpret_cast<const void *>(registers[REG_RIP]);
  fault_kind = registers[REG_ERR] & 2 ? 2 : 1;
#elif defined(__aarch64__)
  fault_pc = reinterpret_cast<const void *>(static_cast<const ucontext_t *>(context)->uc_mcontext.pc);
#endif
}

void OnFault(int number, siginfo_t *info, void *context) {
  if (!is_watching) {
    signal(number, SIG_DFL); /* so that it happens again */
    return;
  }
  is_watching = false;
  if (!report[0]) {
    fault_address = info->si_addr;
    KeepPlace(context);
  }
  siglongjmp(before_fault, 1);
}

/* Catches faults during its lifetime. */
class FaultWatch {
 public:
  FaultWatch() {
    struct sigaction mine = {};
    mine.sa_sigaction = OnFault;
    mine.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &mine, &segment_);
    sigaction(SIGBUS, &mine, &bus_);
  }
  ~FaultWatch() {
    is_watching = false;
    sigaction(SIGSEGV, &segment_, nullptr);
    sigaction(SIGBUS, &bus_, nullptr);
  }

 private:
  struct sigaction segment_, bus_;
};

/* Tells the host that an operator has run. */
class Listener final : public tflite::MicroProfilerInterface {
 public:
  void Start(void (*ended)(int)) {
    ended_ = ended;
    layer_ = 0;
  }
  uint32_t BeginEvent(const char *) override { return 0; }
  void EndEvent(uint32_t) override {
    const bool kept = is_watching; /* the host's accesses are not checked */
    is_watching = false;
    if (report[0]) siglongjmp(before_fault, 1); /* only now: the sanitizer held locks */
    if (ended_) ended_(layer_);
    ++layer_;
    is_watching = kept;
  }
  int layer() const { return layer_; }

 private:
  void (*ended_)(int) = nullptr;
  int layer_ = 0;
};

struct Runtime {
  tflite::AllOpsResolver resolver;
  Listener listener;
  MicroInterpreter interpreter;

  Runtime(const void *model, uint8_t *arena, size_t arena_size, bool preserve_all)
      : interpreter(tflite::GetModel(model), resolver, arena, arena_size, nullptr, &listener,
                    preserve_all) {}
};

char message[256];

MicroInterpreter &Interpreter(void *runtime) {
  return static_cast<Runtime *>(runtime)->interpreter;
}

}  // namespace

/* Keeps the first line since the last call of runtime_message: the one with the reason. */
extern "C" void DebugLog(const char *line) {
  if (message[0]) return;
  for (unsigned i = 0; i < sizeof message - 1 && (message[i] = line[i]); ++i) {
  }
}

extern "C" {

/* Copies the message to `text` (256 bytes) and forgets it. */
void runtime_message(char *text) {
  __builtin_memcpy(text, message, sizeof message);
  __builtin_memset(message, 0, sizeof message);
}

/* Bytes that runtime_create needs at `memory`, 16-byte aligned. */
size_t runtime_size() { return sizeof(Runtime); }

/* Checks and prepares the model. If false, runtime_message tells why. */
bool runtime_create(void *memory, const void *model, size_t model_size, uint8_t *arena,
                    size_t arena_size, bool preserve_all) {
  if (!tflite::VerifyModel(model, model_size)) return false;
  Runtime *runtime = new (memory) Runtime(model, arena, arena_size, preserve_all);
  return runtime->interpreter.AllocateTensors() == kTfLiteOk;
}

/* Runs an inference, and calls `ended`, unless null, with the number of each operator that has run. Returns
 * 1 if done; 0 if it failed, and runtime_message tells why; -1 if an operator touched forbidden memory. */
int runtime_invoke(void *runtime, void (*ended)(int)) {
  static_cast<Runtime *>(runtime)->listener.Start(ended);
  FaultWatch watch;
  report[0] = 0;
#ifdef __SANITIZE_ADDRESS__
  __asan_set_error_report_callback(OnReport);
#endif
  if (sigsetjmp(before_fault, 1)) return -1;
  is_watching = true;
  return Interpreter(runtime).Invoke() == kTfLiteOk;
}

/* The address of that access, the operator, the instruction and the kind: fault_pc, fault_kind. */
const void *runtime_fault(void *runtime, int *layer, const void **pc, int *kind) {
  *pc = fault_pc;
  *kind = fault_kind;
  *layer = static_cast<Runtime *>(runtime)->listener.layer();
  return fault_address;
}

/* AddressSanitizer's report on it; empty if the operating system caught it. */
const char *runtime_report() { return report; }

size_t runtime_arena_used(void *runtime) { return Interpreter(runtime).arena_used_bytes(); }

/* The elements of an input or output; null past the last. */
void *runtime_input(void *runtime, size_t index, size_t *bytes) {
  const TfLiteTensor *tensor = Interpreter(runtime).input(index);
  *bytes = tensor ? tensor->bytes : 0;
  return tensor ? tensor->data.data : nullptr;
}
void *runtime_output(void *runtime, size_t index, size_t *bytes) {
  const TfLiteTensor *tensor = Interpreter(runtime).output(index);
  *bytes = tensor ? tensor->bytes : 0;
  return tensor ? tensor->data.data : nullptr;
}

/* The elements of any tensor; null if it has no memory. */
const void *runtime_tensor(void *runtime, int index) {
  const TfLiteEvalTensor *tensor = Interpreter(runtime).GetTensor(index);
  return tensor ? tensor->data.data : nullptr;
}

/* Where the persistent part of the arena begins. */
const void *runtime_lasting(void *runtime) { return Interpreter(runtime).context().lasting(); }

int runtime_layers(void *runtime) { return Interpreter(runtime).nodes_size(); }

/* The kernel that last ran an operator, and the scratch and persistent memory that it asked for. */
void runtime_layer(void *runtime, int index, int32_t *builtin, const char **ran,
                   uint32_t *scratch_bytes, uint32_t *persistent_bytes) {
  *builtin = Interpreter(runtime).builtin_code(index);
  *ran = Interpreter(runtime).nodes()[index].ran;
  *scratch_bytes = uint32_t(Interpreter(runtime).scratch_bytes(index));
  *persistent_bytes = uint32_t(Interpreter(runtime).persistent_bytes(index));
}

/* The planned address of a scratch request, of which the newest has index 0; null past the last. */
const void *runtime_scratch(void *runtime, int index, int *layer, size_t *bytes) {
  tflite::MicroContext &context = Interpreter(runtime).context();
  const tflite::ScratchRequest *request = context.scratch_requests();
  for (int i = 0; request && i < index; ++i) request = request->next;
  if (!request) return nullptr;
  *layer = request->node;
  *bytes = request->bytes;
  return context.GetScratchBuffer(context.scratch_count() - 1 - index);
}

/* The memory that an operator's kernel keeps; null if none. */
const void *runtime_persistent(void *runtime, int index) {
  return Interpreter(runtime).context().Persistent(index);
}

/* Whether an operator is computed without its kernel. */
bool runtime_prepared(void *runtime, int index) {
  return Interpreter(runtime).context().IsPrepared(index);
}

void __cxa_pure_virtual() { __builtin_trap(); }
}
