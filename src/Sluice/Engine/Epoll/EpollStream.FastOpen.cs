using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

// A connect that the kernel defers to the first write, whose bytes it sends with the first packet (TCP_FASTOPEN_CONNECT, tcp(7); RFC 7413). Until
// the peer has answered, shutdown(2) ends the connection instead of one direction (inet_shutdown in the kernel), and SIOCOUTQ counts nothing.
internal sealed partial class EpollStream
{
    private const byte Connected = 0;
    private const byte Deferred = 1;
    private const byte Started = 2;

    private const byte WantsShutRead = 1;
    private const byte WantsShutWrite = 2;

    // Set before the socket is registered. From then on written under the lock on the handle, and read without it.
    private byte _connecting;

    // Under the lock on the handle.
    private byte _wantedShutdown;

    /// <summary>Whether a deferred connect has no answer of the peer yet.</summary>
    private bool IsConnecting => Volatile.Read(ref _connecting) != Connected;

    // Not only after a try: one without a budget ends before it looks.
    public override PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken)
    {
        WatchReceivable();
        return base.WaitReadableAsync(cancellationToken);
    }

    // A reader waits, and no data comes without a first packet. The connect starts after the running continuation, so that the first packet carries
    // the bytes that the continuation has written.
    protected override void WatchReceivable()
    {
        if (Volatile.Read(ref _connecting) == Deferred)
        {
            lock (_handle)
            {
                if (_connecting != Deferred)
                {
                    return;
                }

                _connecting = Started;
            }

            Scheduler.Schedule(new ConnectStart(this));
        }
    }

    private void StartConnect()
    {
        SocketError error;
        try
        {
            error = SocketTransfer.BeginConnect(_handle);
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        if (error is not (SocketError.Success or SocketError.InProgress or SocketError.WouldBlock or SocketError.AlreadyInProgress))
        {
            RememberError(error);
            ReadReadiness.Set();
        }
    }

    // True if the shutdown is left to OnWritableWhileConnecting.
    private bool TryDeferShutdown(int how)
    {
        lock (_handle)
        {
            if (_connecting == Connected)
            {
                return false;
            }

            _connecting = Started;
            _wantedShutdown |= how == LinuxConstants.ShutRead ? WantsShutRead : WantsShutWrite;
        }

        StartConnect();
        return true;
    }

    // The socket has become writable. One whose connect is deferred is writable as well.
    private void OnWritableWhileConnecting()
    {
        byte wanted;
        lock (_handle)
        {
            if (TcpState.IsConnecting(Options))
            {
                return;
            }

            Volatile.Write(ref _connecting, Connected);
            wanted = _wantedShutdown;
        }

        try
        {
            if ((wanted & WantsShutRead) != 0)
            {
                ShutdownNow(LinuxConstants.ShutRead);
            }

            if ((wanted & WantsShutWrite) != 0)
            {
                ShutdownNow(LinuxConstants.ShutWrite);
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed in between.
        }
    }

    private sealed class ConnectStart(EpollStream stream) : IRunnable
    {
        public void Run() => stream.StartConnect();

        public void Execute() => stream.Scheduler.RunOnPoolThread(this);
    }
}
