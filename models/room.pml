/* Engine/Epoll/WriteReadiness: a sender that finds the socket full and waits, the kernel and the loop that report room, and a close. The client is notified
   once for each wait, and not never.

   The kernel's send(2) is a fence: it takes and releases the lock of the socket, and so does the interrupt that makes room and reports it.

   mutation: BEGIN_LATE          the sender takes back an old report after it has tried
   mutation: FULL_WITHOUT_COMPARE   SetFull overwrites a report that came during the try
   mutation: CLOSE_NO_FENCE      Close sets its flag after it has looked for a wait
   mutation: TWO_NOTIFY          SetRoom reads and writes the word in two steps */

#define THREADS 3
#define LOCATIONS 3
#define STATE 0
#define CLOSED 1
#define CLIENT 2
#define SENDER 0
#define LOOP 1
#define CLOSER 2

#include "memory.pml"

#define UNKNOWN 0
#define HAS_ROOM 1
#define FULL 2
#define WAITING 3

#define TOTAL 3

byte room = 1;
byte sent;
bool noSpace;                /* SOCK_NOSPACE: a send has found no room, so an edge follows */
bool edge;
bool failed, isClosed, done, notified, waits;

/* SetRoom. The client goes on in a process of its own here: the sender has no part in it while it waits. */
inline set_room(me)
{
#ifdef TWO_NOTIFY
  before = LOAD(me, STATE);
  atomic { FENCE(me) -> memory[STATE] = HAS_ROOM };
#else
  atomic { FENCE(me) -> before = memory[STATE]; memory[STATE] = HAS_ROOM };
#endif
  if
  :: before == WAITING ->
     assert(LOAD(me, CLIENT) == 1);
     WRITE(me, CLIENT, 0);
     FENCE(me);                                                /* the client's lock, SendQueue.Enter */
     atomic { assert(!notified && waits); notified = true }
  :: else
  fi
}

inline begin_try()
{
  if
  :: LOAD(SENDER, STATE) == HAS_ROOM -> RELEASE(SENDER, STATE, UNKNOWN)
  :: else
  fi
}

init
{
  atomic {
    run Memory(SENDER); run Memory(LOOP); run Memory(CLOSER);
    run Sender(); run Kernel(); run Loop(); run Closer(); run Rest()
  }
}

proctype Sender()
{
  byte state, before;
  bool lacking;
again:
  if
  :: LOAD(SENDER, CLOSED) -> failed = true; goto finished
  :: else
  fi;
  if
  :: LOAD(SENDER, STATE) >= FULL -> goto wait
  :: else
  fi;
#ifndef BEGIN_LATE
  begin_try();
#endif
  atomic {                                                     /* send(2) */
    FENCE(SENDER);
    lacking = (room < TOTAL - sent);
    noSpace = noSpace || lacking;
    if
    :: lacking -> sent = sent + room; room = 0
    :: else -> room = room - (TOTAL - sent); sent = TOTAL
    fi
  };
#ifdef BEGIN_LATE
  begin_try();
#endif
  if
  :: sent == TOTAL -> goto finished
  :: else
  fi;
  if
  :: lacking ->
     atomic {                                                  /* SetFull */
       FENCE(SENDER);
       if
#ifdef FULL_WITHOUT_COMPARE
       :: true -> memory[STATE] = FULL
#else
       :: memory[STATE] == UNKNOWN -> memory[STATE] = FULL
       :: else
#endif
       fi
     }
  :: else
  fi;
  goto again;
wait:                                                          /* TryWait */
  WRITE(SENDER, CLIENT, 1);
  state = LOAD(SENDER, STATE);
  do
  :: state == HAS_ROOM -> WRITE(SENDER, CLIENT, 0); goto again
  :: else ->
     atomic {
       FENCE(SENDER);
       if
       :: memory[STATE] == state -> memory[STATE] = WAITING; waits = true; break
       :: else -> state = memory[STATE]
       fi
     }
  od;
  if
  :: LOAD(SENDER, CLOSED) -> set_room(SENDER)
  :: else
  fi;
end:
  atomic { notified -> notified = false; waits = false };
  goto again;
finished:
  done = true
}

/* Room comes when the peer reads, which it may stop to do. */
proctype Kernel()
{
  do
  :: atomic { room < TOTAL && sent > 0 && !done -> room++; if :: noSpace -> edge = true; noSpace = false :: else fi }
  :: break
  od
}

proctype Loop()
{
  byte before;
end:
  do
  :: edge -> edge = false; set_room(LOOP)
  od
}

proctype Closer()
{
  byte before;
  if
  :: true ->
#ifdef CLOSE_NO_FENCE
     set_room(CLOSER);
     RELEASE(CLOSER, CLOSED, 1);
#else
     RELEASE(CLOSER, CLOSED, 1);
     set_room(CLOSER);
#endif
     isClosed = true
  :: true
  fi
}

proctype Rest()
{
  timeout -> assert(done -> (sent == TOTAL || failed) : (room == 0 && !isClosed))
}
