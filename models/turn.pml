/* Scheduling/LoopTurn and EpollLoop.RunReady, TryTakeOver: a thread that runs user code, the monitor that takes its turn over, and the thread that goes
   on with the loop. One thread at a time touches the loop's unlocked state, each item runs once, and each writer that user code has left to the end of the
   turn is flushed once.

   mutation: NO_LOOK_AFTER_PUSH    TryDefer does not look again whether the turn was taken over
   mutation: EXIT_WITHOUT_COMPARE  TryExit writes without a comparison
   mutation: NO_ENTRY_NUMBER       the state says inside or outside, not which entry
   mutation: PUSH_NO_FENCE         the push becomes visible late
   mutation: NO_FLUSH_BY_MONITOR   the monitor leaves the writers to the thread that is stuck */

#define THREADS 1
#define LOCATIONS 2
#define FIRST 0              /* a writer that the thread defers in its first item, and one of its second item */
#define SECOND 1
#define T 0

#include "memory.pml"

#define ITEMS 2
#define TAKEN 200

byte state;                  /* of the first turn; odd inside user code */
byte ready = ITEMS;          /* the loop's queue: only the thread that runs the loop may touch it */
byte inLoop;                 /* threads inside the loop's unlocked code */
byte flushed[2];
byte runs[ITEMS];
byte entries;                /* of user code, the truth behind the number in the state */
bool handed, stuck, flushedInTime;
byte stuckAt;

inline flush_all(who)
{
  atomic { if :: LOAD(T, FIRST) == 1 && memory[FIRST] == 1 -> memory[FIRST] = 0; flushed[FIRST]++ :: else fi };
  atomic { if :: LOAD(T, SECOND) == 1 && memory[SECOND] == 1 -> memory[SECOND] = 0; flushed[SECOND]++ :: else fi }
}

/* The monitor and the second thread have no stores of their own in the model: they read the memory. */
inline flush_memory()
{
  atomic { if :: memory[FIRST] == 1 -> memory[FIRST] = 0; flushed[FIRST]++ :: else fi };
  atomic { if :: memory[SECOND] == 1 -> memory[SECOND] = 0; flushed[SECOND]++ :: else fi }
}

init
{
  atomic { run Memory(T); run First(); run Monitor(); run Second(); run Rest() }
}

proctype First()
{
  byte item, entered;
  bool deferred;
again:
  atomic { inLoop++; assert(inLoop == 1) };
  if
  :: ready > 0 ->
     item = ITEMS - ready;
     ready--
  :: else ->
     inLoop--;
     goto end
  fi;
  inLoop--;
#ifdef NO_ENTRY_NUMBER
  entered = 1;
#else
  entered = state + 1;
#endif
  atomic { state = entered; entries++ };                       /* Enter */
  runs[item]++;
  if                                                           /* the user's code may write, and TryDefer */
  :: true ->
     if
     :: state != TAKEN ->
#ifdef PUSH_NO_FENCE
        WRITE(T, item, 1);
#else
        atomic { FENCE(T) -> memory[item] = 1 };
#endif
        deferred = true;
#ifndef NO_LOOK_AFTER_PUSH
        if
        :: state == TAKEN -> flush_all(T)
        :: else
        fi;
#endif
        if
        :: true -> atomic { stuck = true; stuckAt = item }; flushedInTime; atomic { stuck = false; flushedInTime = false }                 /* the code may wait for the reply to what it has written */
        :: true
        fi
     :: else -> flushed[item]++                                /* no turn: the writer flushes at once */
     fi
  :: true -> flushed[item]++                                   /* it writes nothing */
  fi;
#ifdef EXIT_WITHOUT_COMPARE
  state = (entered + 1) % 256;
#else
  atomic {
    if
    :: state == entered ->
#ifdef NO_ENTRY_NUMBER
       state = 0
#else
       state = entered + 1
#endif
    :: else -> goto end
    fi
  };
#endif
  flush_all(T);
  goto again;
end:
  flush_all(T);                                                /* LoopTurn.End */
  skip
}

proctype Monitor()
{
  byte seen, seenEntries;
end:
  do
  :: atomic { (state & 1) == 1 && state != TAKEN -> seen = state; seenEntries = entries };   /* a scan, and one after the time */
     atomic {
       if
       :: state == seen ->
          assert(entries == seenEntries);                      /* it is the same entry of user code */
          state = TAKEN
       :: else -> goto end
       fi
     };
#ifndef NO_FLUSH_BY_MONITOR
     flush_memory();
#endif
     handed = true;
     break
  od
}

proctype Second()
{
  byte item;
end:
  handed;
again:
  atomic { inLoop++; assert(inLoop == 1) };
  if
  :: ready > 0 ->
     item = ITEMS - ready;
     ready--;
     inLoop--;
     runs[item]++;
     flushed[item]++;
     goto again
  :: else -> inLoop--
  fi
}

/* The code that waits goes on when what it has written is flushed: by the thread that has taken the turn over. */
proctype Rest()
{
  byte i;
end:
  do
  :: timeout ->
     if
     :: stuck ->
        assert(flushed[stuckAt] == 1);
        flushedInTime = true
     :: else ->
        assert(ready == 0 && runs[0] == 1 && runs[1] == 1 && flushed[0] == 1 && flushed[1] == 1);
        break
     fi
  od
}
