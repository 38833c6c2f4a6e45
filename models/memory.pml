/* Memory as .NET promises it on arm64, which is weaker than x64: each thread has stores that no other thread sees yet.
   A file that includes this defines THREADS and LOCATIONS (8 at most), and runs Memory().

   LOAD      Volatile.Read: reads the thread's own store, if it is not visible yet, or else the memory. Loads happen in the order of the program.
   WRITE     a plain store: becomes visible at any later time, also after stores that follow it.
   RELEASE   Volatile.Write: becomes visible at any later time, after all stores before it.
   FENCE     Interlocked.MemoryBarrier, or the first half of an interlocked operation: waits until all stores of the thread are visible.
   BARRIER   Interlocked.MemoryBarrierProcessWide: waits until the stores of all threads are visible.
   An interlocked operation is FENCE(thread), and in the same atomic step a change of memory[]. */

byte memory[LOCATIONS];
byte buffered[THREADS * LOCATIONS];
byte behind[THREADS * LOCATIONS];
byte waiting[THREADS];

#define AT(thread, location) ((thread) * LOCATIONS + (location))
#define IN_BUFFER(thread, location) (waiting[thread] & (1 << (location)))
#define LOAD(thread, location) (IN_BUFFER(thread, location) -> buffered[AT(thread, location)] : memory[location])
#define FENCE(thread) (waiting[thread] == 0)

inline store(thread, location, value, after)
{
  atomic {
    !IN_BUFFER(thread, location);
    buffered[AT(thread, location)] = value;
    behind[AT(thread, location)] = after;
    waiting[thread] = waiting[thread] | (1 << (location))
  }
}

#define WRITE(thread, location, value) store(thread, location, value, 0)
#define RELEASE(thread, location, value) store(thread, location, value, waiting[thread])

#define MAY_LEAVE(thread, location) (IN_BUFFER(thread, location) && (waiting[thread] & behind[AT(thread, location)]) == 0)
#define LEAVE(thread, location) \
  memory[location] = buffered[AT(thread, location)]; \
  buffered[AT(thread, location)] = 0; \
  waiting[thread] = waiting[thread] & ~(1 << (location)); \
  i = 0; \
  do \
  :: i < LOCATIONS -> behind[AT(thread, i)] = behind[AT(thread, i)] & ~(1 << (location)); i++ \
  :: else -> break \
  od; \
  i = 0

proctype Memory(byte thread)
{
  byte i;
end:
  do
  :: atomic { MAY_LEAVE(thread, 0) -> LEAVE(thread, 0) }
#if LOCATIONS > 1
  :: atomic { MAY_LEAVE(thread, 1) -> LEAVE(thread, 1) }
#endif
#if LOCATIONS > 2
  :: atomic { MAY_LEAVE(thread, 2) -> LEAVE(thread, 2) }
#endif
#if LOCATIONS > 3
  :: atomic { MAY_LEAVE(thread, 3) -> LEAVE(thread, 3) }
#endif
#if LOCATIONS > 4
  :: atomic { MAY_LEAVE(thread, 4) -> LEAVE(thread, 4) }
#endif
  od
}
