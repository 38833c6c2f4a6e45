/* Scheduling/HandoffMonitor: it sleeps while nothing runs. No user code may run, for good, while the monitor sleeps: a handler that blocks then would hold
   its loop for ever. A loop says that it is awake (EpollLoop.Poll), a loop that is watched from now on may run at once (Watch), and a thread of the pool
   calls EnsureAwake in each run.

   mutation: NO_SECOND_SCAN     the monitor sleeps without a scan behind its flag
   mutation: LOOP_NO_FENCE      a loop that wakes up has no barrier between its flag and its look at the monitor
   mutation: POOL_NO_FENCE      a thread of the pool has no barrier between its turn and its look at the monitor
   mutation: WATCH_IN_SILENCE   Watch does not wake the monitor */

#define THREADS 4
#define LOCATIONS 4
#define ASLEEP 0
#define LOOP_SLEEPS 1
#define POOL_INSIDE 2
#define WATCHED 3
#define MONITOR 0
#define LOOP 1
#define POOL 2
#define OTHER 3

#include "memory.pml"

bool wake;                   /* ManualResetEventSlim */
bool inside[THREADS];        /* in user code that blocks */
bool reallyAsleep;
bool locked;                 /* HandoffMonitor._lock */

inline ensure_awake(me)
{
  if
  :: LOAD(me, ASLEEP) != 0 ->
     atomic {
       FENCE(me);
       if
       :: memory[ASLEEP] != 0 -> memory[ASLEEP] = 0; found = true
       :: else -> found = false
       fi
     };
     if :: found -> found = false; wake = true :: else fi
  :: else
  fi
}

inline scan(result)
{
  atomic { FENCE(MONITOR) && !locked -> locked = true };
  result = (LOAD(MONITOR, LOOP_SLEEPS) == 0) || (LOAD(MONITOR, POOL_INSIDE) != 0);
  result = result || (LOAD(MONITOR, WATCHED) != 0);
  locked = false
}

init
{
  atomic {
    memory[LOOP_SLEEPS] = 1;
    run Memory(MONITOR); run Memory(LOOP); run Memory(POOL); run Memory(OTHER);
    run Monitor(); run Loop(); run Pool(); run Other(); run Rest()
  }
}

proctype Monitor()
{
  bool runs;
  byte sleeps;
again:
  scan(runs);
  if
  :: runs -> goto quiet                                        /* it scans on, and takes over what blocks */
  :: else
  fi;
  wake = false;
  atomic { FENCE(MONITOR) -> memory[ASLEEP] = 1 };
#ifdef NO_SECOND_SCAN
  runs = false;
#else
  scan(runs);
#endif
  if
  :: runs ->
     atomic { FENCE(MONITOR) -> memory[ASLEEP] = 0 };
     goto again
  :: else
  fi;
  reallyAsleep = true;
end:
  wake;
  reallyAsleep = false;
  wake = false;
  goto again;
quiet:
  skip
}

/* Wakes up, and blocks in user code. */
proctype Loop()
{
  bool found;
  if
  :: true ->
#ifdef LOOP_NO_FENCE
     RELEASE(LOOP, LOOP_SLEEPS, 0);
#else
     atomic { FENCE(LOOP) -> memory[LOOP_SLEEPS] = 0 };
#endif
     ensure_awake(LOOP);
     inside[LOOP] = true
  :: true
  fi
}

proctype Pool()
{
  bool found;
  if
  :: true ->
     RELEASE(POOL, POOL_INSIDE, 1);
#ifndef POOL_NO_FENCE
     FENCE(POOL);
#endif
     ensure_awake(POOL);
     inside[POOL] = true
  :: true
  fi
}

/* A second loop, which is watched and started while the monitor may sleep, and never sleeps itself before it runs user code. */
proctype Other()
{
  bool found;
  if
  :: true ->
     atomic { FENCE(OTHER) && !locked -> locked = true };
     atomic { FENCE(OTHER) -> memory[WATCHED] = 1; locked = false };
#ifndef WATCH_IN_SILENCE
     ensure_awake(OTHER);
#endif
     inside[OTHER] = true
  :: true
  fi
}

proctype Rest()
{
  timeout -> assert(!reallyAsleep || !(inside[LOOP] || inside[POOL] || inside[OTHER]))
}
