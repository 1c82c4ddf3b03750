// Reads and writes what key files and ciphertexts are made of: little-endian numbers and residues packed to whole bytes
// of their prime. nothing read is trusted: every length is checked against what remains and every residue against its
// prime, so that no altered byte reaches OpenFHE.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "context.h"

namespace openfhe_addon {

class RnsWriter {
 public:
  virtual ~RnsWriter() = default;
  void number(uint64_t value);
  void real(double value);
  void text(const std::string& text);
  void residues(const Poly& poly);
  // Of the primes at these indices only.
  void residues(const Poly& poly, const std::vector<size_t>& primes);
  virtual void bytes(const void* data, size_t size) = 0;
};

class RnsReader {
 public:
  // `what`: named in messages; `code`: of the error that altered content causes.
  RnsReader(std::string what, std::string code) : what_(std::move(what)), code_(std::move(code)) {}
  virtual ~RnsReader() = default;
  uint64_t number();
  double real();
  std::string text();
  // A polynomial in evaluation form over exactly these primes.
  Poly residues(const std::shared_ptr<PolyParams>& params);
  // What was written for the primes `written`, of which `kept` are read and the others passed over. The polynomial has
  // no memory for primes that are not kept.
  Poly residues(const std::shared_ptr<PolyParams>& params, const std::vector<size_t>& written,
                const std::vector<size_t>& kept);
  // Fails where anything follows.
  void end();
  [[noreturn]] void fail(const std::string& reason) const;
  virtual void bytes(void* data, size_t size) = 0;

 protected:
  virtual bool atEnd() = 0;
  virtual void skip(size_t size) = 0;

 private:
  void readLimb(lbcrypto::NativePoly& limb, std::vector<uint8_t>& packed);

  std::string what_;
  std::string code_;
};

class MemoryWriter final : public RnsWriter {
 public:
  void bytes(const void* data, size_t size) override;
  const std::vector<uint8_t>& data() const { return data_; }

 private:
  std::vector<uint8_t> data_;
};

class MemoryReader final : public RnsReader {
 public:
  MemoryReader(const std::vector<uint8_t>& data, std::string what, std::string code);
  void bytes(void* data, size_t size) override;

 protected:
  bool atEnd() override { return position_ == data_.size(); }
  void skip(size_t size) override;

 private:
  const std::vector<uint8_t>& data_;
  size_t position_ = 0;
};

}  // namespace openfhe_addon
