/* A line that says why something is refused. It may contain names from the model. */
#ifndef CFUFORGE_MESSAGE_H
#define CFUFORGE_MESSAGE_H

#include <stdarg.h>
#include <stddef.h>

namespace tflite {

/* Appends text, as long as there is room. */
class Message {
 public:
  void Add(const char *format, ...) __attribute__((format(printf, 2, 3)));
  void VAdd(const char *format, va_list arguments);
  /* Passes the line to DebugLog, with blanks for control characters. */
  void Print();

 private:
  /* Not used in the slim firmware. */
  [[maybe_unused]] char text_[256];
  [[maybe_unused]] size_t length_ = 0;
};

/* Sends a message of one piece. */
void PrintMessage(const char *format, ...) __attribute__((format(printf, 1, 2)));

}  // namespace tflite
#endif
