// A waveform that Verilator writes. Its own writers end the process when a file cannot be written;
// this one notes it, and writes no more. Compiled with FORGE_FST or FORGE_VCD.

#pragma once

#include <cerrno>
#include <exception>
#include <memory>
#include <string>

#ifdef FORGE_FST
#include "verilated_fst_c.h"
#else
#include "verilated_vcd_c.h"
#endif

class Waveform {
 public:
#ifdef FORGE_FST
  using Writer = VerilatedFstC;
  Waveform() : writer_{new Writer} {}
#else
  using Writer = VerilatedVcdC;
  Waveform() : writer_{new Writer{&file_}} {}
#endif
  Waveform(const Waveform &) = delete;
  Waveform &operator=(const Waveform &) = delete;
  ~Waveform() { close(); }

  Writer *writer() { return writer_.get(); }

  // Returns whether the file can be opened.
  bool open(const char *path) {
    attempt([=] { writer_->open(path); });
    return writer_ && writer_->isOpen();
  }

  void dump(uint64_t time) {
    attempt([=] { writer_->dump(time); });
  }

  // Completes the file, and returns whether all of it was written.
  bool close() {
    attempt([this] { writer_->close(); });
    return writer_ && !file_.failed;
  }

 private:
#ifdef FORGE_FST
  struct {
    bool failed = false;
  } file_;
#else
  struct File : VerilatedVcdFile {
    bool failed = false;
    ssize_t write(const char *bytes, ssize_t size) override {
      if (failed) return size;
      const ssize_t written = VerilatedVcdFile::write(bytes, size);
      if (written >= 0 || errno == EAGAIN || errno == EINTR) return written;
      failed = true;
      return size;
    }
  } file_;
#endif
  std::unique_ptr<Writer> writer_;

  template <typename Work>
  void attempt(Work work) {
    if (!writer_) return;
    try {
      work();
    } catch (const std::exception &) {  // see fst_checks.h
      writer_.release();                // its destructor would check again
    }
  }
};
