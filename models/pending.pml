/* Scheduling/PendingOperation in Engine/Portable/PortableStream: a receive of no bytes that the reader begins (WatchReceivable), its callback (EndWait), a
   reader that has given up an earlier wait, and a close. One call is under way at a time, its result is taken once, and the reader does not wait for a call
   that nobody has begun.

   mutation: SIGNAL_FIRST      the callback sets the event before it releases the call
   mutation: NO_RESERVE        the reader begins a call without the word
   mutation: SET_NO_FENCE      ReadinessEvent.Set returns without a fence if the word says Ready (see signal.pml)
   mutation: CLOSE_SILENT      a close does not end the call that is under way */

#define THREADS 2
#define LOCATIONS 1
#define CALL 0
#define READER 0
#define CALLBACK 1

#include "memory.pml"

#define IDLE 0
#define PENDING 1

#define NOT_READY 0
#define READY 1
#define WAITING 2

byte event = READY;          /* the word of the ReadinessEvent: interlocked, but for the look that Set begins with */
bool closed, scheduled, done;
byte bytes, got, underWay, results;
bool callDone;

inline set(me)
{
  if
  :: event == READY ->
#ifndef SET_NO_FENCE
     FENCE(me);
#endif
     if :: event == READY -> skip :: else -> goto changed fi
  :: else ->
changed:
     atomic { FENCE(me) -> scheduled = scheduled || (event == WAITING); event = READY }
  fi
}

init
{
  atomic { run Memory(READER); run Memory(CALLBACK); run Reader(); run Callback(); run Peer(); run Closer(); run Rest() }
}

/* The kernel's part: ends the call when there is something to receive, or when it is cancelled. */
proctype Callback()
{
end:
  do
  :: atomic {
#ifdef CLOSE_SILENT
       underWay == 1 && bytes > 0 && !callDone -> callDone = true
#else
       underWay == 1 && (bytes > 0 || closed) && !callDone -> callDone = true
#endif
     };
     results++;                                                /* GetResult */
     assert(results == 1);
#ifdef SIGNAL_FIRST
     set(CALLBACK);
     atomic { underWay--; results--; callDone = false };
     RELEASE(CALLBACK, CALL, IDLE)
#else
     atomic { underWay--; results--; callDone = false };
     RELEASE(CALLBACK, CALL, IDLE);                            /* Release */
     set(CALLBACK)
#endif
  od
}

proctype Reader()
{
  byte quits;
again:
  atomic {
    FENCE(READER);
    if
    :: event == READY -> event = NOT_READY
    :: else -> goto wait
    fi
  };
  if
  :: closed -> goto finished
  :: else
  fi;
  atomic {                                                     /* recv(2) */
    if
    :: bytes > 0 -> got = got + bytes; bytes = 0
    :: else -> goto wait
    fi
  };
  if
  :: got == 2 -> goto finished
  :: else
  fi;
  atomic { FENCE(READER) -> event = READY };                   /* FinishReceive: there may be more */
  goto again;
wait:
  atomic {
    FENCE(READER);
    if
    :: event == READY -> goto again
    :: else -> event = WAITING
    fi
  };
#ifdef NO_RESERVE
  if
  :: LOAD(READER, CALL) == IDLE -> atomic { FENCE(READER) -> underWay++; assert(underWay == 1) }; RELEASE(READER, CALL, PENDING)
  :: else
  fi;
#else
  if                                                           /* TryReserve, TryBegin */
  :: LOAD(READER, CALL) == IDLE ->
     atomic {
       FENCE(READER);
       if
       :: memory[CALL] == IDLE -> memory[CALL] = PENDING; underWay++; assert(underWay == 1)
       :: else
       fi
     }
  :: else
  fi;
#endif
  if
  :: atomic { scheduled -> scheduled = false }
  :: atomic { quits == 0 && event == WAITING -> event = NOT_READY; quits = 1 }   /* a canceled wait: the call stays under way */
  fi;
  goto again;
finished:
  done = true
}

proctype Peer()
{
  bytes++;
  bytes++
}

proctype Closer()
{
  if
  :: true ->
     closed = true;
     atomic { scheduled = scheduled || (event == WAITING); event = READY }      /* EndWaits */
  :: true
  fi
}

proctype Rest()
{
  timeout -> assert(done && (got == 2 || closed) && (!closed || underWay == 0))
}
