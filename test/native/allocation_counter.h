#pragma once

#include <cstddef>

/// Counts every allocation of the process, from construction on: malloc and its kin where the C library lets a program
/// replace them (glibc) or a sanitizer reports them, elsewhere operator new alone.
class AllocationCounter {
  public:
    AllocationCounter();
    std::size_t count() const;

  private:
    std::size_t before_;
};
