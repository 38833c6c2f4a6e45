/* Engine/Interop/DescriptorLease and Engine/Epoll/SlotTable: a socket A is closed during a call and with an event on its way, and a socket B gets the number
   of its descriptor and its slot. No call of A reaches B, no event of A is handled by B, and B stays registered.

   The reference count of SafeHandle is .NET's, and interlocked. The slots change under a lock; the loop reads them by volatile reads.

   mutation: NO_LEASE           a call takes the number, after a look whether the handle is closed
   mutation: NO_GENERATION      the data of an event is the slot alone
   mutation: REMOVED_LATE       the closer removes the registration by the number after the close
   mutation: CLOSE_AT_ONCE      the close does not wait for the leases */

#define NONE 0
#define A 1
#define B 2

byte table = A;              /* what the one number stands for */
bool registered[3];          /* in the epoll instance: belongs to the open file, not to the number */
byte refs = 1;               /* of A's handle; the handle itself is one */
bool closed;
byte slot = A;               /* the one slot: its handler */
byte generation[3];
byte next = 2;
bool opened;

inline close_number()
{
  atomic { assert(table == A); table = NONE; registered[A] = false }
}

inline add_reference(ok)
{
  atomic { if :: refs > 0 && !closed -> refs++; ok = true :: else -> ok = false fi }
}

inline release()
{
  atomic { refs--; last = (refs == 0) };
  if
  :: last -> last = false; close_number()
  :: else
  fi
}

init
{
  atomic {
    generation[A] = 1;
    registered[A] = true;
    run Sender(); run Closer(); run Opener(); run Loop(); run Rest()
  }
}

/* Two calls, as any thread may make them. */
proctype Sender()
{
  bool ok, last;
  byte calls;
  do
  :: calls < 2 ->
     calls++;
#ifdef NO_LEASE
     ok = !closed;
     if
     :: ok -> assert(table == A)
     :: else
     fi
#else
     add_reference(ok);
     if
     :: ok -> assert(table == A); release()
     :: else
     fi
#endif
  :: else -> break
  od
}

proctype Closer()
{
  bool ok, last;
#ifndef REMOVED_LATE
  atomic { if :: slot == A -> slot = NONE :: else fi };        /* Unregister */
  add_reference(ok);
  if
  :: ok -> registered[table] = false; release()
  :: else
  fi;
#endif
  closed = true;                                               /* SafeHandle.Dispose */
#ifdef CLOSE_AT_ONCE
  close_number();
#else
  release();
#endif
#ifdef REMOVED_LATE
  atomic { if :: slot == A -> slot = NONE :: else fi };
  registered[table] = false
#endif
}

proctype Opener()
{
end:
  atomic { table == NONE -> table = B };                       /* accept(2): the lowest free number */
slot_free:
  atomic { slot == NONE -> generation[B] = next };             /* Reserve: the slot is used again */
  slot = B;                                                    /* Publish */
  registered[B] = true;                                        /* EPOLL_CTL_ADD */
  opened = true
}

proctype Loop()
{
  byte source, data, handler, rounds;
end:
  do
  :: rounds < 3 ->
     rounds++;
     if                                                        /* epoll_wait(2) */
     :: atomic { registered[A] -> source = A; data = generation[A] }
     :: atomic { registered[B] -> source = B; data = generation[B] }
     fi;
     handler = slot;                                           /* Find */
     if
     :: handler == NONE -> skip
#ifdef NO_GENERATION
     :: handler != NONE -> assert(handler == source)
#else
     :: handler != NONE && generation[handler] == data -> assert(handler == source)
     :: handler != NONE && generation[handler] != data -> skip
#endif
     fi
  :: else -> break
  od
}

proctype Rest()
{
  timeout -> assert(opened && registered[B] && !registered[A] && table == B && slot == B)
}
