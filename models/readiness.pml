/* The word of Scheduling/ReadinessEvent: signals, cancellations, time-outs and a close against one reader that waits again and again.
   All accesses to the word are interlocked or volatile reads that an interlocked operation confirms, so memory is in order here; signal.pml has
   what is read beside the word.

   mutation: NO_LOOK_AT_TOKEN      WaitAsync does not look at the token again once the word says Waiting
   mutation: SIGNAL_FORGOTTEN      GetResult drops a signal that came while the wait was being completed
   mutation: NO_NUMBER             the word has no number of the wait
   mutation: TWO_COMPLETE          a completion reads and writes the word in two steps */

#define IDLE 0
#define READY 1
#define WAITING 2
#define COMPLETING 3
#define COMPLETING_READY 4
#define PHASE(s) ((s) & 7)
#define CLOSED_BIT 8
#ifdef NO_NUMBER
#define INCREMENT 0
#else
#define INCREMENT 16
#endif

mtype = { Signal, Canceled, Closed, TimedOut };

#define UNITS 2

int word = READY;
byte bytes;           /* in the kernel's buffer */
bool edge;            /* the kernel has an event for the loop */
mtype outcome;
bool scheduled;       /* the completion is on its way to the scheduler */
byte waits;           /* how many waits have begun: the truth that the number in the word stands for */
bool tokenCanceled, registered, inCallback;
bool closed, done;
bool withToken = true;
byte got;
byte idle;            /* one of the three that end a wait takes no part in a run: 1 the token, 2 the sweep, 3 the close */

inline cas(from, to, ok)
{
  atomic { if :: word == from -> word = to; ok = true :: else -> ok = false fi }
}

/* End: the outcome is the winner's alone, and the scheduler gets the completion once. */
inline complete_end(o)
{
  assert(!scheduled);
  outcome = o;
  atomic { assert(!scheduled); scheduled = true }
}

inline complete_from(s, o, ok)
{
#ifdef TWO_COMPLETE
  word = s - WAITING + COMPLETING; ok = true;
#else
  cas(s, s - WAITING + COMPLETING, ok);
#endif
  if
  :: ok -> complete_end(o)
  :: else
  fi
}

inline complete(o)
{
  do
  :: s = word;
     if
     :: PHASE(s) != WAITING -> break
     :: else -> complete_from(s, o, ok); if :: ok -> break :: else fi
     fi
  od
}

inline set()
{
  do
  :: s = word;
     if
     :: PHASE(s) == IDLE -> cas(s, s - IDLE + READY, ok); if :: ok -> break :: else fi
     :: PHASE(s) == WAITING -> cas(s, s - WAITING + COMPLETING_READY, ok); if :: ok -> complete_end(Signal); break :: else fi
     :: PHASE(s) == COMPLETING -> cas(s, s - COMPLETING + COMPLETING_READY, ok); if :: ok -> break :: else fi
     :: else -> break
     fi
  od
}

/* CancellationTokenRegistration.Dispose: waits for a callback that runs. */
inline release_token()
{
  registered = false;
  !inCallback
}

proctype Reader()
{
  int s;
  bool ok;
  mtype result;
again:
  if
  :: got == UNITS -> goto finished
  :: else
  fi;
  s = word;                                                   /* TryConsume */
  if
  :: (s & (7 | CLOSED_BIT)) == READY -> cas(s, s - READY + IDLE, ok)
  :: else -> ok = false
  fi;
  if
  :: ok ->
     atomic { got = got + bytes; bytes = 0 };                  /* a short receive: it has drained the socket */
     goto again
  :: else
  fi;

  atomic { if :: withToken && !tokenCanceled -> registered = true :: else fi };   /* WaitAsync */
  do
  :: s = word;
     if
     :: (s & CLOSED_BIT) != 0 -> release_token(); result = Closed; goto completed
     :: (s & CLOSED_BIT) == 0 && PHASE(s) == READY -> release_token(); result = Signal; goto completed
     :: else ->
        atomic { cas(s, (s - PHASE(s)) + INCREMENT + WAITING, ok); if :: ok -> waits++ :: else fi };
        if :: ok -> break :: else fi
     fi
  od;
#ifndef NO_LOOK_AT_TOKEN
  if
  :: withToken && tokenCanceled -> complete(Canceled)
  :: else
  fi;
#endif
end:
  scheduled;
  scheduled = false;                                           /* Run */
  result = outcome;
  release_token();                                             /* GetResult */
  do
  :: s = word;
#ifdef SIGNAL_FORGOTTEN
     cas(s, s - PHASE(s) + IDLE, ok);
#else
     cas(s, s - PHASE(s) + (PHASE(s) == COMPLETING_READY -> READY : IDLE), ok);
#endif
     if :: ok -> break :: else fi
  od;
completed:
  if
  :: result == Canceled -> assert(withToken && tokenCanceled); withToken = false; goto again   /* a canceled read loses no byte */
  :: result == Closed -> assert(closed); goto finished
  :: else -> goto again                                        /* after a time-out as well */
  fi;
finished:
  done = true
}

init
{
  atomic {
    select (idle : 1 .. 3);
    run Reader();
    run Kernel();
    run Loop();
    if :: idle != 1 -> run Canceller() :: else fi;
    if :: idle != 2 -> run Sweep() :: else fi;
    if :: idle != 3 -> run Closer() :: else fi;
    run Rest()
  }
}

proctype Kernel()
{
  byte sent;
  do
  :: sent < UNITS -> atomic { bytes++; edge = true; sent++ }
  :: break                                                     /* the peer may fall silent */
  od
}

proctype Loop()
{
  int s;
  bool ok;
end:
  do
  :: edge -> edge = false; set()
  od
}

proctype Canceller()
{
  int s;
  bool ok;
  if
  :: true ->
     tokenCanceled = true;
     atomic { if :: registered -> registered = false; inCallback = true :: else -> goto left fi };
     complete(Canceled);
     inCallback = false
  :: true
  fi;
left:
  skip
}

/* The sweep looks twice, and ends the wait if the word is the same. */
proctype Sweep()
{
  int s;
  byte seen;
  bool ok;
  if
  :: true ->
     atomic { s = word; seen = waits };
     if
     :: PHASE(s) == WAITING ->
        if
        :: word == s ->                                        /* the second look */
           atomic {
             cas(s, s - WAITING + COMPLETING, ok);
             if :: ok -> assert(seen == waits) :: else fi      /* it ends no later wait than the one that it has seen */
           };
           if :: ok -> complete_end(TimedOut) :: else fi
        :: else
        fi
     :: else
     fi
  :: true
  fi
}

proctype Closer()
{
  int s;
  int before;
  bool ok;
  if
  :: true ->
     atomic { before = word; word = word | CLOSED_BIT; closed = true };
     if
     :: (before & CLOSED_BIT) == 0 -> complete(Closed)
     :: else
     fi
  :: true
  fi
}

/* Nothing can go on any more: a reader that waits has nothing to wait no longer for. */
proctype Rest()
{
  timeout -> assert(done -> (got == UNITS || closed) : (bytes == 0 && !closed && !(withToken && tokenCanceled)))
}
