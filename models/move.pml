/* Engine/Epoll/EpollStream.Moving: the loop that a connection belongs to moves it to another loop while a thread closes it. After the close it is registered
   with neither, and its slots are free. An event that the first loop has fetched already is dropped there, and reported again by the second: no edge is lost.

   mutation: NO_WORD            the close does not wait for a move in progress
   mutation: MOVE_AFTER_CLOSE   a move does not look for a close
   mutation: NO_NEW_REPORT      to register does not report what is ready */

#define SETTLED 0
#define MOVING 1
#define LEAVING 2

byte registration = SETTLED;
byte loop;                   /* 0 or 1: where the stream belongs */
bool registered[2], slots[2];
bool edge[2];                /* an event that the loop has fetched, or will */
bool ready = true;           /* the condition that was reported */
bool handled, closed, refused;

init
{
  atomic {
    registered[0] = true; slots[0] = true; edge[0] = true;
    run First(); run SecondLoop(); run Closer(); run Rest()
  }
}

inline register_moved()
{
  slots[1] = true;
  if
  :: true ->
#ifdef NO_NEW_REPORT
     registered[1] = true
#else
     atomic { registered[1] = true; edge[1] = ready }
#endif
  :: true -> slots[1] = false; refused = true                  /* the kernel refuses */
  fi
}

proctype First()
{
  bool moves;
  edge[0];
  edge[0] = false;                                             /* it has fetched the event: Dispatch */
  if
  :: true -> moves = true
  :: true
  fi;
  if
  :: moves ->
#ifdef MOVE_AFTER_CLOSE
     registration = MOVING;
#else
     atomic {
       if
       :: registration == SETTLED -> registration = MOVING
       :: else -> moves = false
       fi
     };
#endif
     if
     :: moves ->
        loop = 1;
        register_moved();
        if
        :: refused -> loop = 0
        :: else -> slots[0] = false; registered[0] = false
        fi;
        registration = SETTLED
     :: else
     fi
  :: else
  fi;
  if
  :: (!moves || refused) && slots[0] -> handled = true         /* OnEvents */
  :: else
  fi
}

proctype SecondLoop()
{
end:
  atomic { edge[1] -> edge[1] = false };
  if
  :: slots[1] -> handled = true
  :: else
  fi
}

proctype Closer()
{
  byte from;
  if
  :: true ->
#ifndef NO_WORD
     atomic { registration != MOVING -> registration = LEAVING };
#endif
     from = loop;
     slots[from] = false;
     registered[from] = false;
     closed = true
  :: true
  fi
}

proctype Rest()
{
  timeout ->
    if
    :: closed -> assert(!registered[0] && !registered[1] && !slots[0] && !slots[1])
    :: else -> assert(handled && (registered[0] + registered[1] == 1) && slots[loop])
    fi
}
