/* The device's program on the host: the line is standard input and output. */
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "port.h"

namespace device {
namespace {

constexpr size_t kRoom = 1 << 18;

/* Of its own each, so that the sanitizer sees what is beyond. */
Room Allocated(size_t size) { return {static_cast<uint8_t *>(calloc(size, 1)), size}; }

}  // namespace

const char kBoard[] = "host", kDesign[] = "none", kOnlyModel[] = "";
const uint32_t kClockHz = 100000000;

void Send(char character) { putchar(character); }

uint64_t Cycles() {
  static uint64_t cycles;
  return cycles += 1000;
}

Room ModelRoom() {
  static const Room room = Allocated(kRoom);
  return room;
}

Room ArenaRoom() {
  static const Room room = Allocated(kRoom);
  return room;
}

Room DbRoom() {
  static const Room room = Allocated(27648);
  return room;
}

/* A program that returns what its first byte is. */
void RunProgram(const uint8_t *begin) { ProgramEnded(kReturned, *begin, 0, 0); }

Room StoredModel() { return {nullptr, 0}; }

}  // namespace device

int main() {
  device::Boot();
  for (int byte; (byte = getchar()) != EOF;) device::Receive(uint8_t(byte));
  fflush(stdout);
  _Exit(0); /* the leaks are the rooms */
}
