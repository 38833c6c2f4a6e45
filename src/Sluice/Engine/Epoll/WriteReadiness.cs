using Sluice.Channels.Writing;

namespace Sluice.Engine.Epoll;

/// <summary>
/// Whether a socket has room for what is to be sent, and which client is notified when it has room again. Allocates nothing, and is a field of
/// its owner, never copied.
/// </summary>
/// <remarks>
/// One word decides each race between the sender, of which there is one at a time, the loop and a close. From a successful
/// <see cref="TryWait"/> until the client is notified, the sender has no part in it.
/// </remarks>
internal struct WriteReadiness
{
    // The last try found room, as far as is known.
    private const int Unknown = 0;

    // An event has reported room since the last try began.
    private const int HasRoom = 1;

    // The last try found no room, or less than it needed.
    private const int Full = 2;

    // As Full, and _client waits. The thread that moves the word away from here notifies it.
    private const int Waiting = 3;

    private int _state;
    private bool _closed;

    // Written by the sender before it moves the word to Waiting, and by the thread that moves it away from there.
    private ISinkClient? _client;

    /// <summary>Whether a try would find no room.</summary>
    public bool IsFull => Volatile.Read(ref _state) >= Full;

    /// <summary>Whether <see cref="Close"/> was called.</summary>
    public bool IsClosed => Volatile.Read(ref _closed);

    /// <summary>To be called before a try: an event from now on may report room that the try did not see.</summary>
    public void BeginTry()
    {
        if (Volatile.Read(ref _state) == HasRoom)
        {
            Volatile.Write(ref _state, Unknown);
        }
    }

    /// <summary>To be called after a try that has found no room, or less than it needed. Does nothing if an event has come since it began.</summary>
    public void SetFull() => Interlocked.CompareExchange(ref _state, Full, Unknown);

    /// <summary>To be called when the socket has become writable, or has failed.</summary>
    public void SetRoom()
    {
        if (Interlocked.Exchange(ref _state, HasRoom) == Waiting)
        {
            ISinkClient? client = _client;
            _client = null;
            client?.OnSinkReady(0, null);
        }
    }

    /// <summary>Ends each wait, now and later.</summary>
    public void Close()
    {
        Volatile.Write(ref _closed, true);
        SetRoom();
    }

    /// <summary>
    /// Notifies <paramref name="client"/>, once, when the socket becomes writable or is closed. False if an event has come since the last try
    /// began.
    /// </summary>
    public bool TryWait(ISinkClient client)
    {
        _client = client;
        int state = Volatile.Read(ref _state);
        while (state != HasRoom)
        {
            // In one step: a wait that is registered and taken back could be that of another thread, which was notified and waits again by then.
            int seen = Interlocked.CompareExchange(ref _state, Waiting, state);
            if (seen == state)
            {
                if (IsClosed)
                {
                    // Close may have looked before the client waited.
                    SetRoom();
                }

                return true;
            }

            state = seen;
        }

        _client = null;
        return false;
    }
}
