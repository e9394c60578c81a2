// Tells the thread sanitizer what it cannot see of Swift's Mutex.
//
// Mutex takes its fast path in the code that uses it, which is instrumented, and its slow path in
// libswiftSynchronization.so, which is not: a lock that had to be waited for looks like no lock, and every value behind a
// contended Mutex like a race. Linked into a sanitized program, these two stand before the library's and report the
// missing edges. Their names are those of Synchronization._MutexHandle's slow paths in Swift 6.3; with other names
// nothing is interposed, and the false reports come back.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>

#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"
#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self

void __tsan_acquire(void *address);
void __tsan_release(void *address);

SWIFT void lock_slow(uint32_t thread, SELF) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF) __asm__(UNLOCK_SLOW);

SWIFT void lock_slow(uint32_t thread, SELF) {
    SWIFT void (*library)(uint32_t, SELF) = dlsym(RTLD_NEXT, LOCK_SLOW);
    library(thread, self);
    __tsan_acquire(self);
}

SWIFT void unlock_slow(SELF) {
    SWIFT void (*library)(SELF) = dlsym(RTLD_NEXT, UNLOCK_SLOW);
    __tsan_release(self);
    library(self);
}
