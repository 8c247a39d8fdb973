#pragma once

#include <cstddef>

/// Counts every allocation of the process, from construction on: malloc and the like if the C library lets a program
/// replace them (glibc) or a sanitizer reports them; elsewhere only operator new.
class AllocationCounter {
  public:
    AllocationCounter();
    std::size_t count() const;

  private:
    std::size_t before_;
};
