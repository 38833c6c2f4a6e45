/* What a thread writes before it calls ReadinessEvent.Set, and what the reader that consumes the signal reads: the last edge of a connection sets
   EpollStream.ShortReadsMayHideMore and then the event. If the word says Ready already, Set writes nothing, and only a fence orders its look at the word
   behind the store. The same holds for the word of a PendingOperation (StreamSource.OnCompleted, PortableStream.EndWait): pending.pml.

   mutation: NO_FENCE      Set returns without a fence if the word says Ready
   mutation: NO_FLAG       a short receive is always taken for a drained socket */

#define THREADS 2
#define LOCATIONS 2
#define WORD 0
#define HIDES 1
#define LOOP 0
#define READER 1

#include "memory.pml"

#define IDLE 0
#define READY 1
#define WAITING 2

bool data = true;     /* in the kernel's buffer, with the end of the stream behind it */
bool scheduled, sawEnd;

init
{
  atomic {
    memory[WORD] = READY;
    run Memory(LOOP);
    run Memory(READER);
    run Loop();
    run Reader()
  }
}

proctype Loop()
{
  byte state;
  RELEASE(LOOP, HIDES, 1);                                     /* OnEvents: the one event that reports the end */
set:
  state = LOAD(LOOP, WORD);
  if
  :: state == READY ->
#ifndef NO_FENCE
     FENCE(LOOP);
     state = LOAD(LOOP, WORD);
#endif
     if
     :: state == READY -> goto end
     :: else -> goto set
     fi
  :: else ->
     atomic {
       FENCE(LOOP);
       if
       :: memory[WORD] == state -> memory[WORD] = READY; scheduled = (state == WAITING)
       :: else -> goto set
       fi
     }
  fi;
end:
  skip
}

proctype Reader()
{
  bool gotData, drained;
again:
  atomic {                                                     /* TryConsume */
    FENCE(READER);
    if
    :: memory[WORD] == READY -> memory[WORD] = IDLE
    :: else -> goto wait
    fi
  };
  atomic { gotData = data; data = false };                     /* recv(2) */
  if
  :: !gotData -> sawEnd = true; goto end
  :: else
  fi;
#ifdef NO_FLAG
  drained = true;
#else
  drained = (LOAD(READER, HIDES) == 0);
#endif
  if
  :: !drained -> atomic { FENCE(READER); memory[WORD] = READY }  /* FinishReceive: re-arm */
  :: else
  fi;
  goto again;
wait:
  atomic {
    FENCE(READER);
    if
    :: memory[WORD] == READY -> goto again
    :: else -> memory[WORD] = WAITING
    fi
  };
  scheduled;
  scheduled = false;
  goto again;
end:
  skip
}
