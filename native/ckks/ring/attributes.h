#pragma once

/// Vector helpers must become part of the kernel that uses them: a copy of its own, compiled for a larger instruction
/// set, could be linked into code for a smaller one.
#define CKKS_INLINE __attribute__((always_inline)) inline

/// A function with loops of its own, kept apart from its callers' optimisation. Not just noinline: GCC 12 deduces from
/// bodies with unrolled loops (`#pragma GCC unroll`) that calls have no effect, and removes them.
#if defined(__clang__)
#define CKKS_SEPARATE __attribute__((noinline))
#else
#define CKKS_SEPARATE __attribute__((noipa))
#endif
