using System.Net.Sockets;
using Sluice.Engine.Interop;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

// A connect that the kernel puts off until the first write, so that its bytes go with the first packet (TCP_FASTOPEN_CONNECT, tcp(7)). Until
// the peer has answered, the connection is not there: shutdown(2) would end it instead of a direction (inet_shutdown), and SIOCOUTQ counts
// nothing.
internal sealed partial class EpollStream
{
    private const byte Connected = 0;
    private const byte PutOff = 1;
    private const byte Begun = 2;

    private const byte WantsShutRead = 1;
    private const byte WantsShutWrite = 2;

    // Set before the socket is registered; from then on only under the lock on the handle.
    private byte _connecting;
    private byte _wantedShutdown;

    /// <summary>Whether the peer has not answered yet. False at once for a connect that was not put off.</summary>
    private bool IsConnecting => Volatile.Read(ref _connecting) != Connected;

    // A reader waits for what will not come without a first packet. After the running continuation: what it has written goes with that packet.
    protected override void WatchReceivable()
    {
        if (Volatile.Read(ref _connecting) == PutOff)
        {
            lock (_handle)
            {
                if (_connecting != PutOff)
                {
                    return;
                }

                _connecting = Begun;
            }

            Scheduler.Schedule(new Beginning(this));
        }
    }

    private void BeginConnect()
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

    // True: done once the peer has answered.
    private bool TryPutOffShutdown(int how)
    {
        lock (_handle)
        {
            if (_connecting == Connected)
            {
                return false;
            }

            _connecting = Begun;
            _wantedShutdown |= how == LinuxConstants.ShutRead ? WantsShutRead : WantsShutWrite;
        }

        BeginConnect();
        return true;
    }

    // The socket has become writable, which a connect that is put off is, too.
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

    private sealed class Beginning(EpollStream stream) : IRunnable
    {
        public void Run() => stream.BeginConnect();

        public void Execute() => stream.Scheduler.RunOnPoolThread(this);
    }
}
