/* Channels/Reading/ByteReadChannel.Lifetime: a close against a read. The reader leaves without a barrier, and the close has one for both
   (Interlocked.MemoryBarrierProcessWide). The channel closes once, no read is in progress then, and no reader waits for ever.

   mutation: NO_BARRIER        the close has no barrier between its two tries
   mutation: ONE_TRY           the close tries once
   mutation: NO_LOOK           a reader that leaves does not look for a close
   mutation: NO_INTERRUPT      the close does not end the wait in progress
   mutation: WAIT_UNSEEN       a reader does not look for a close once it waits */

#define THREADS 2
#define LOCATIONS 2
#define STATE 0
#define CLOSING 1
#define READER 0
#define CLOSER 1

#include "memory.pml"

#define IDLE 0
#define BUSY 1
#define CLOSED 2

byte closes;
bool reading, waits, interrupted, closerDone, readerDone, sawBusy;

inline try_close(me)
{
  atomic {
    FENCE(me);
    if
    :: memory[STATE] == IDLE -> memory[STATE] = CLOSED; closes++; assert(closes == 1 && !reading)
    :: else
    fi
  }
}

init
{
  atomic { run Memory(READER); run Memory(CLOSER); run Reader(); run Closer(); run Rest() }
}

proctype Reader()
{
  byte reads;
again:
  if
  :: reads == 2 -> goto finished
  :: else
  fi;
  atomic {                                                     /* BeginFrom */
    FENCE(READER);
    if
    :: memory[STATE] == IDLE -> memory[STATE] = BUSY; reading = true; reads++
    :: else -> goto finished
    fi
  };
  if
  :: LOAD(READER, CLOSING) == 1 -> goto leave
  :: else
  fi;
  if
  :: true ->
     atomic { FENCE(READER) -> waits = true };                 /* WaitReadableAsync: the word of the event is interlocked */
#ifndef WAIT_UNSEEN
     if
     :: LOAD(READER, CLOSING) == 1 -> interrupted = true
     :: else
     fi;
#endif
end:
     atomic { interrupted -> interrupted = false; waits = false }
  :: true                                                      /* the bytes are in the buffer */
  fi;
leave:
  reading = false;
  RELEASE(READER, STATE, IDLE);
#ifndef NO_LOOK
  if
  :: LOAD(READER, CLOSING) == 1 -> try_close(READER)
  :: else
  fi;
#endif
  goto again;
finished:
  readerDone = true
}

proctype Closer()
{
  atomic { FENCE(CLOSER) -> memory[CLOSING] = 1 };
  atomic {
    FENCE(CLOSER);
    if
    :: memory[STATE] == IDLE -> memory[STATE] = CLOSED; closes++; assert(closes == 1 && !reading); goto closed
    :: else
    fi
  };
#ifndef ONE_TRY
#ifndef NO_BARRIER
  atomic { waiting[READER] == 0 && waiting[CLOSER] == 0 };
#endif
  try_close(CLOSER);
#endif
#ifndef NO_INTERRUPT
  if
  :: LOAD(CLOSER, STATE) == BUSY -> atomic { if :: waits -> interrupted = true :: else fi }
  :: else
  fi;
#endif
closed:
  closerDone = true
}

proctype Rest()
{
  timeout -> assert(closerDone && readerDone && closes == 1)
}
