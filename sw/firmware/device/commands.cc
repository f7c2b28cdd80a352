#include "commands.h"

#include "benchmark.h"
#include "line.h"
#include "reply.h"
#include "tensors.h"

namespace device {
namespace {

constexpr uint32_t kMostInferences = 100000;
constexpr uint32_t kDefaultWarmUp = 10;
constexpr size_t kPrinted = 8; /* bytes per line */

Line line;
Buffer db = {};
Runner runner;
Program program;
Results results;
bool input_is_db = true; /* whether db is more recent than the last block of an input */
bool is_refusing = false;

uint64_t Microseconds() {
  const uint64_t cycles = Cycles();
  return cycles / kClockHz * 1000000 + cycles % kClockHz * 1000000 / kClockHz;
}

const char *ModelName() {
  if (!runner.image()) return "none";
  if (!runner.Ready()) return nullptr;
  const Benchmark *const benchmark = BenchmarkOf(runner.interpreter());
  return benchmark ? benchmark->name : "other";
}

/* The rest of a command: the offset of a block, its CRC, and the block. */
struct Block {
  uint32_t offset;
  const uint8_t *bytes;
  size_t size;

  bool Read() {
    uint32_t crc;
    if (!ToNumber(line.Word(), &offset) || !ToHexNumber(line.Word(), &crc)) {
      return Error("a block must be OFFSET CRC BYTES");
    }
    bytes = line.Rest(&size);
    if (line.is_too_long() || size == 0 || size > kMostBlock) {
      return Error("a block must have 1 to %u bytes", unsigned(kMostBlock));
    }
    return Crc32(bytes, size) == crc || Error("the block's CRC is not %08x", unsigned(crc));
  }
};

void Name() { Reply("m-name-dut-[cfuforge]"); }

void Profile() {
  const char *const name = ModelName();
  if (!name) return;
  Reply("m-profile-[CFU Forge, MLPerf Tiny device API]");
  Reply("m-model-[%s]", name);
}

void Timestamp() { Reply("m-lap-us-%llu", (unsigned long long)Microseconds()); }

void LoadDb() {
  const Room room = DbRoom();
  uint32_t size;
  if (!ToNumber(line.Word(), &size) || size == 0 || size > room.size) {
    Error("db load must be followed by 1 to %u", unsigned(room.size));
    return;
  }
  db = {room.begin, size, 0};
  input_is_db = true;
  Reply("m-[Expecting %u bytes]", unsigned(size));
}

void PrintDb() {
  for (size_t i = 0; i < db.received; i += kPrinted) {
    Print("m-buffer");
    for (size_t j = i; j < i + kPrinted && j < db.received; ++j) Print("-%02x", db.data[j]);
    EndLine();
  }
}

void TakeHex(const char *digits) {
  size_t count = 0;
  for (; digits[count]; ++count) {
    if (HexDigit(digits[count]) < 0) {
      Error("db must be followed by load, print or hex digits, not %.20s", digits);
      return;
    }
  }
  if (count == 0 || count % 2) {
    Error("db needs two hex digits a byte, not %u digits", unsigned(count));
  } else if (db.received == db.size) {
    Error("db has all of its %u bytes: db load N begins again", unsigned(db.size));
  } else {
    for (; *digits && db.received < db.size; digits += 2) {
      db.data[db.received++] = uint8_t(HexDigit(digits[0]) << 4 | HexDigit(digits[1]));
    }
    if (db.is_complete()) Reply("m-load-done");
  }
}

bool Is(const char *word, const char *name) { return __builtin_strcmp(word, name) == 0; }

void Db() {
  const char *const word = line.Word();
  if (Is(word, "load")) {
    LoadDb();
  } else if (Is(word, "print")) {
    PrintDb();
  } else {
    TakeHex(word);
  }
}

bool TakeCount(uint32_t otherwise, uint32_t least, const char *what, uint32_t *count) {
  const char *const word = line.Word();
  *count = otherwise;
  if (!*word) return true;
  if (ToNumber(word, count) && *count >= least && *count <= kMostInferences) return true;
  return Error("%s must be %u to %u, not %.20s", what, unsigned(least), unsigned(kMostInferences),
               word);
}

bool HasInput() {
  const Buffer *const input = runner.input();
  if (!input || input->is_complete()) return input;
  return Error("the input has %u of %u bytes", unsigned(input->received), unsigned(input->size));
}

bool Repeat(uint32_t count) {
  for (; count; --count) {
    if (!runner.Infer()) return false;
  }
  return true;
}

void Infer() {
  uint32_t count, warm_up;
  if (!TakeCount(1, 1, "the number of inferences", &count) ||
      !TakeCount(kDefaultWarmUp, 0, "the number of warm-ups", &warm_up)) {
    return;
  }
  if (input_is_db) {
    if (!TakeInput(runner, db)) return;
  } else if (!HasInput()) {
    return;
  }
  Reply("m-warmup-start-%u", unsigned(warm_up));
  if (!Repeat(warm_up)) return;
  Reply("m-warmup-done");
  Reply("m-infer-start-%u", unsigned(count));
  Timestamp();
  if (!Repeat(count)) return;
  Timestamp();
  Reply("m-infer-done");
  results.Keep(runner, input_is_db ? &db : nullptr);
  results.Send(runner);
}

void SendResults() { results.Send(runner); }

void LoadModel() {
  uint32_t size, crc;
  if (!ToNumber(line.Word(), &size) || !ToHexNumber(line.Word(), &crc)) {
    Error("model must be followed by its size and its CRC");
  } else if (runner.Begin(size, crc)) {
    program.Forget();
    Reply("m-[Expecting %u bytes]", unsigned(size));
  }
}

void LoadProgram() {
  uint32_t size, crc;
  if (!ToNumber(line.Word(), &size) || !ToHexNumber(line.Word(), &crc)) {
    Error("program must be followed by its size and its CRC");
  } else if (program.Begin(size, crc)) {
    runner.Forget();
    Reply("m-[Expecting %u bytes]", unsigned(size));
  }
}

void StartProgram() {
  uint32_t token;
  if (ToHexNumber(line.Word(), &token)) {
    program.Start(token);
  } else {
    Error("start must be followed by a hex number");
  }
}

void LoadBlock() {
  Block block;
  bool is_done;
  if (!block.Read()) return;
  if (program.is_loading()) {
    if (program.Load(block.offset, block.bytes, block.size, &is_done) && is_done) {
      Reply("m-program-loaded");
    }
    return;
  }
  if (!runner.Load(block.offset, block.bytes, block.size, &is_done)) return;
  if (is_done) Reply("m-model-[%s]", ModelName());
}

void LoadInput() {
  Block block;
  if (!block.Read() || !runner.SetInput(block.offset, block.bytes, block.size)) return;
  input_is_db = false;
  if (runner.input()->is_complete()) Reply("m-input-done");
}

void PrintTensor(const char *kind, int index, const uint8_t *bytes, size_t size) {
  for (size_t i = 0; i < size; i += 4 * kPrinted) {
    const size_t left = size - i;
    Print("m-%s-%u-", kind, unsigned(index));
    PrintHex(bytes + i, left < 4 * kPrinted ? left : 4 * kPrinted);
    EndLine();
  }
}

void Outputs() {
  if (!runner.has_outputs()) {
    Error("there are no outputs: infer first");
    return;
  }
  for (size_t i = 0; i < runner.interpreter().outputs_size(); ++i) {
    const TfLiteTensor &tensor = *runner.interpreter().output(i);
    PrintTensor("output", int(i), tensor.data.uint8, tensor.bytes);
  }
}

/* Sends outputs after each operator: the CRCs for all of them, or the bytes of one operator. */
class Teller final : public tflite::MicroProfilerInterface {
 public:
  explicit Teller(int only = -1) : only_(only) {}

  uint32_t BeginEvent(const char *) override { return 0; }
  void EndEvent(uint32_t) override {
    const int layer = layer_++;
    if (only_ >= 0 && layer != only_) return;
    const TfLiteIntArray &outputs = *runner.interpreter().nodes()[layer].outputs;
    for (int i = 0; i < outputs.size; ++i) {
      const TfLiteEvalTensor &tensor = *runner.interpreter().GetTensor(outputs.data[i]);
      const size_t size = tflite::TensorBytes(tensor);
      if (only_ < 0) {
        Reply("m-check-[%d,%d,%08x]", layer, i, unsigned(Crc32(tensor.data.uint8, size)));
      } else {
        PrintTensor("value", i, tensor.data.uint8, size);
      }
    }
  }

 private:
  int only_, layer_ = 0;
};

void Checks() {
  Teller teller;
  if (HasInput()) runner.Observe(teller);
}

void Values() {
  uint32_t layer;
  if (!HasInput()) return;
  const uint32_t count = uint32_t(runner.interpreter().nodes_size());
  if (!ToNumber(line.Word(), &layer) || layer >= count) {
    Error("values must be followed by an operator, 0 to %u", unsigned(count - 1));
    return;
  }
  Teller teller{int(layer)};
  runner.Observe(teller);
}

void Layers() {
  if (!runner.has_outputs()) {
    Error("there is no profile: infer first");
    return;
  }
  tflite::MicroInterpreter &interpreter = runner.interpreter();
  for (int i = 0; i < interpreter.nodes_size(); ++i) {
    const tflite::MicroNode &node = interpreter.nodes()[i];
    Reply("m-layer-[%d,%.40s,%.60s,%u,%u,%u]", i, node.name, node.ran ? node.ran : "",
          unsigned(runner.layer_cycles(i)), unsigned(interpreter.scratch_bytes(i)),
          unsigned(interpreter.persistent_bytes(i)));
  }
  Reply("m-cycles-%llu", (unsigned long long)runner.invoke_cycles());
}

void Info() {
  Reply("m-board-[%s]", kBoard);
  Reply("m-cfu-[%s]", kDesign);
  Reply("m-clock-hz-%u", unsigned(kClockHz));
  Reply("m-block-bytes-%u", unsigned(kMostBlock));
  Reply("m-db-bytes-%u", unsigned(DbRoom().size));
  Reply("m-model-room-%u", unsigned(runner.model_room()));
  Reply("m-program-at-%08x", unsigned(uintptr_t(PlaceOfProgram())));
  Reply("m-program-room-%u", unsigned(ProgramRoom()));
  const char *const name = ModelName();
  if (!name) return;
  Reply("m-model-[%s]", name);
  const ImageHeader *const image = runner.image();
  if (!image) return;
  Reply("m-model-bytes-%u", unsigned(image->size));
  Reply("m-model-crc-%08x", unsigned(image->crc));
  Reply("m-arena-room-%u", unsigned(runner.arena_room()));
  Reply("m-arena-used-%u", unsigned(runner.arena_used()));
}

void Reset() { runner.Reset(); }

void Help();

struct Command {
  const char *name, *rest, *help;
  void (*run)();
};

constexpr Command kCommands[] = {
    /* MLPerf Tiny */
    {"name", "", "the device", Name},
    {"profile", "", "the firmware and the benchmark that the model is for", Profile},
    {"timestamp", "", "microseconds of the cycle counter", Timestamp},
    {"help", "", "this text", Help},
    {"db", "load N | HEX | print", "a buffer of N bytes: begin, add bytes, show", Db},
    {"infer", "[N [W]]", "the input N times, 1 by default, after W warm-ups, 10", Infer},
    {"results", "", "the last results again", SendResults},
    /* our own; CRC is CRC-32 in hex; in BYTES, % is sent as 1b 05, and 1b as 1b 3b */
    {"model", "N CRC", "begin to load a model of N bytes", LoadModel},
    {"block", "OFFSET CRC BYTES", "a block of the model or program; the last one checks it", LoadBlock},
    {"input", "OFFSET CRC BYTES", "a block of the input tensors' own bytes", LoadInput},
    {"outputs", "", "the output tensors' bytes", Outputs},
    {"layers", "", "operator, kernel, cycles, scratch and persistent bytes of the last inference", Layers},
    {"checks", "", "CRC of each operator's outputs, in one inference more", Checks},
    {"values", "OPERATOR", "its outputs' bytes, in one inference more", Values},
    {"info", "", "board, CFU, clock, memory, model", Info},
    {"program", "N CRC", "begin to load a program of N bytes, in blocks", LoadProgram},
    {"start", "TOKEN", "run it; at its end, TOKEN, a hex number, is in the reply", StartProgram},
    {"reset", "", "give the model's variables their first values", Reset},
};

void Help() {
  Reply("A command ends with %%, words are separated by blanks.");
  for (const Command &each : kCommands) Reply("%-9s %-20s %s", each.name, each.rest, each.help);
}

bool TakesBytes(const Command &command) {
  return command.run == LoadBlock || command.run == LoadInput;
}

void Execute() {
  if (line.is_blank()) return; /* a host that clears the line */
  const size_t size = line.size();
  const char *const word = line.Word();
  for (const Command &each : kCommands) {
    if (!Is(word, each.name)) continue;
    if (!TakesBytes(each) && size > kMostCommand) break;
    each.run();
    return;
  }
  if (size > kMostCommand) {
    Error("a command must have at most %u characters", unsigned(kMostCommand));
  } else {
    Error("unknown command %.20s: try help", *word ? word : "(a zero byte)");
  }
}

void SendReady() { Reply("m-ready"); }

}  // namespace

void Boot() {
  Reply("m-timestamp-mode-performance");
  Timestamp();
  runner.Start();
  Reply("m-init-done");
  SendReady();
}

void RefuseAll() {
  is_refusing = true;
  Error("%s", Message());
  SendReady();
}

void Receive(uint8_t byte) {
  if (!line.Take(byte)) return;
  if (is_refusing) {
    Error("%s", Message());
  } else {
    Execute();
  }
  SendReady();
}

void ProgramEnded(Ending how, uint32_t a, uint32_t b, uint32_t c) {
  line.Clear();
  runner.Start();
  ReplyEnding(how, a, b, c);
  SendReady();
}

void RecoverFrom(uint32_t cause, uint32_t pc, uint32_t value) {
  runner.Distrust();
  line.Clear();
  Error("trap: mcause %u at pc %08x, mtval %08x", unsigned(cause), unsigned(pc), unsigned(value));
  SendReady();
}

}  // namespace device
