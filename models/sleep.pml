/* Engine/Epoll/EpollLoop: a loop that is about to sleep (Poll), threads that post to it (Schedule), and one that stops it (Stop, EndLoop).
   Each item has to run, once, on the loop or on the pool, whether or not a stop comes, and a loop that is stopped has to end.

   mutation: NO_SECOND_LOOK    the loop sleeps without a look at the queue behind the flag
   mutation: POST_NO_FENCE     Schedule has no barrier between the item and its look at the flag
   mutation: SLEEP_NO_FENCE    the loop sets the flag with Volatile.Write
   mutation: END_NO_FENCE      EndLoop has no barrier between _ended and its last look at the queue
   mutation: WAKE_LOST         a wake-up that comes before the sleep does not end it */

#define THREADS 4
#define LOCATIONS 5
#define POSTED_A 0
#define POSTED_B 1
#define SLEEPING 2
#define STOPPING 3
#define ENDED 4
#define LOOP 2
#define STOPPER 3

#include "memory.pml"

bool signalled;              /* the eventfd, edge-triggered: a write is kept until epoll_wait reports it (epoll(7), Q9) */
bool disposed;
byte runs[2];
byte ended;
bool stopped;

/* ConcurrentQueue: what a thread takes, no other does. */
#define SEES(thread, item) (LOAD(thread, item) == 1)

inline take_all(thread)
{
  i = 0;
  do
  :: i < 2 ->
     atomic {
       if
       :: SEES(thread, i) && memory[i] == 1 -> memory[i] = 2; runs[i]++; assert(runs[i] == 1)
       :: else
       fi
     };
     i++
  :: else -> i = 0; break
  od
}

init
{
  atomic {
    run Memory(0); run Memory(1); run Memory(LOOP); run Memory(STOPPER);
    run Poster(0); run Poster(1); run Loop(); run Rest();
    if :: run Stopper(); stopped = true :: true fi
  }
}

proctype Poster(byte me)
{
  byte i;
  RELEASE(me, me, 1);                                          /* _posted.Enqueue */
#ifndef POST_NO_FENCE
  FENCE(me);
#endif
  if
  :: LOAD(me, ENDED) == 1 ->
     FENCE(me);
     take_all(me)                                              /* DrainToPool */
  :: else ->
     if
     :: LOAD(me, SLEEPING) != 0 ->
        atomic {
          FENCE(me);
          if
          :: memory[SLEEPING] != 0 -> memory[SLEEPING] = 0
          :: else -> goto end
          fi
        };
        if                                                     /* Wake */
        :: atomic { disposed -> skip }; take_all(me)
        :: atomic { !disposed -> signalled = true }
        fi
     :: else
     fi
  fi;
end:
  ended++
}

proctype Loop()
{
  byte i;
again:
  take_all(LOOP);
  if
  :: LOAD(LOOP, STOPPING) != 0 && !SEES(LOOP, POSTED_A) && !SEES(LOOP, POSTED_B) -> goto stop
  :: else
  fi;
#ifdef WAKE_LOST
  signalled = false;
#endif
#ifdef SLEEP_NO_FENCE
  RELEASE(LOOP, SLEEPING, 1);
#else
  atomic { FENCE(LOOP) -> memory[SLEEPING] = 1 };
#endif
#ifndef NO_SECOND_LOOK
  if
  :: SEES(LOOP, POSTED_A) -> goto awake
  :: else
  fi;
  if
  :: SEES(LOOP, POSTED_B) -> goto awake
  :: else
  fi;
#endif
  if
  :: LOAD(LOOP, STOPPING) != 0 -> goto awake
  :: else
  fi;
#ifdef WAKE_LOST
  signalled = false;
#endif
end:
  atomic { signalled -> signalled = false };                   /* epoll_wait(-1) */
awake:
  atomic { FENCE(LOOP) -> memory[SLEEPING] = 0 };
  goto again;
stop:
  RELEASE(LOOP, ENDED, 1);
#ifndef END_NO_FENCE
  FENCE(LOOP);
#endif
  take_all(LOOP);
  disposed = true;
  ended++
}

proctype Stopper()
{
  RELEASE(STOPPER, STOPPING, 1);
  FENCE(STOPPER);
  if
  :: atomic { disposed -> skip }
  :: atomic { !disposed -> signalled = true }
  fi;
  ended++
}

proctype Rest()
{
  timeout -> assert(ended == (stopped -> 4 : 2) && runs[0] == 1 && runs[1] == 1)
}
