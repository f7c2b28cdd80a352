/* Messages of the slim firmware, whose texts are not in memory: stores the pieces of the first message,
 * from which the host makes the line. */
#include "message.h"

#include <stdint.h>

#include "platform.h"

namespace {

mailbox_piece pieces[MAILBOX_PIECES + 1]; /* the last one is the end mark */
int count;

bool IsComplete() { return mailbox.message != 0; }

}  // namespace

namespace tflite {

void Message::VAdd(const char *format, va_list arguments) {
  if (IsComplete() || count == MAILBOX_PIECES) return;
  mailbox_piece &piece = pieces[count++];
  piece.format = uint32_t(uintptr_t(format));
  piece.place = uint32_t(uintptr_t(arguments));
  __builtin_memcpy(piece.arguments, arguments, sizeof piece.arguments);
}

void Message::Add(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  VAdd(format, arguments);
  va_end(arguments);
}

void Message::Print() { mailbox.message = uint32_t(uintptr_t(pieces)); }

void PrintMessage(const char *format, ...) {
  Message message;
  va_list arguments;
  va_start(arguments, format);
  message.VAdd(format, arguments);
  va_end(arguments);
  message.Print();
}

}  // namespace tflite
