/* Splits the bytes on the line into commands, and a command into words.
 *
 * A command ends with %. The byte after an escape byte (0x1b) has its bit 5 inverted, so that a command can
 * hold a block of any bytes, and after a transmission error the next % ends the command. */
#ifndef CFUFORGE_DEVICE_LINE_H
#define CFUFORGE_DEVICE_LINE_H

#include <stddef.h>
#include <stdint.h>

namespace device {

constexpr size_t kMostCommand = 80;  /* characters of a command without a block */
constexpr size_t kMostBlock = 1024;  /* bytes of a block */
constexpr size_t kMostHead = 40;     /* characters before the block */

class Line {
 public:
  /* Returns true if `byte` ends a command, which is valid until the next call of Take. */
  bool Take(uint8_t byte);

  /* Starts again with an empty command. */
  void Clear();

  /* The next word, zero-terminated; empty if there is none. Words are separated by blanks, tabs and line
   * ends. */
  char *Word();

  /* What follows the last word and one blank. */
  uint8_t *Rest(size_t *size);

  /* Whether there are only separators. */
  bool is_blank() const;

  size_t size() const { return size_; }
  bool is_too_long() const { return is_too_long_; }

 private:
  char text_[kMostHead + kMostBlock + 1] = {};
  size_t size_ = 0, place_ = 0;
  bool is_escaped_ = false, is_too_long_ = false, is_complete_ = false;
};

/* Whether `word` is a number of at most 9 decimal or 8 hexadecimal digits, which is stored in `number`. */
bool ToNumber(const char *word, uint32_t *number);
bool ToHexNumber(const char *word, uint32_t *number);

/* The value of a hexadecimal digit, or -1. */
int HexDigit(char character);

}  // namespace device
#endif
