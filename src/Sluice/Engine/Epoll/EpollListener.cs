using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Sluice.Engine.Interop;
using Sluice.Engine.Unix;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Engine.Epoll;

/// <summary>A listening socket on an event loop.</summary>
internal sealed class EpollListener : ListenerTransport, IEpollHandler
{
    private readonly EpollEngine _engine;
    private readonly EpollLoop _loop;
    private readonly SocketHandle _handle;
    private readonly AddressFamily _family;
    private readonly StreamSocketOptions _accepted;

    private EpollListener(EpollEngine engine, EpollLoop loop, SocketHandle handle, AddressFamily family, StreamSocketOptions accepted)
        : base(engine, engine.ContinuationsOf(loop))
    {
        _engine = engine;
        _loop = loop;
        _handle = handle;
        _family = family;

        // A copy, because the callback may have kept a reference to the options.
        _accepted = new StreamSocketOptions(accepted);
        LocalEndPoint = SocketAddresses.Local(handle, family);

        // The linger that was set is for its connections, which inherit it. It has nothing to send itself, and its port is free when its close returns.
        handle.CloseMayBlock = false;
        EventData = loop.Reserve();
    }

    public override EndPoint LocalEndPoint { get; }

    public ulong EventData { get; }

    public static EpollListener Start(
        EpollEngine engine, EpollLoop loop, SocketHandle handle, AddressFamily family, StreamSocketOptions accepted, UnixSocketFile? file = null)
    {
        var listener = new EpollListener(engine, loop, handle, family, accepted) { File = file };
        loop.Register(handle, listener);
        try
        {
            listener.Enlist();
        }
        catch
        {
            loop.Unregister(handle, listener);
            throw;
        }

        return listener;
    }

    public void OnEvents(uint events) => AcceptReadiness.Set();

    public override IOptionTarget Options => new EpollSocketOptions(_handle, _family);

    public override SafeHandle Handle => _handle;

    public override StreamTransport? TryAcceptNow()
    {
        while (!AcceptReadiness.IsClosed && !IsReserveUsed)
        {
            EpollStream? accepted = Accept(out SocketError error);
            if (accepted is not null || error == SocketError.WouldBlock)
            {
                return accepted;
            }

            ThrowUnlessEnded(error);
        }

        return null;
    }

    protected override StreamTransport? TryAccept()
    {
        while (!LoopTurn.IsBudgetSpent && AcceptReadiness.TryConsume())
        {
            LoopTurn.ConsumeBudget();
            EpollStream? accepted = null;
            SocketError error = SocketError.Success;
            try
            {
                accepted = Accept(out error);
            }
            finally
            {
                // Re-arm, after an exception as well: edge-triggered epoll reports neither further queued connections nor the one that failed.
                if (error != SocketError.WouldBlock)
                {
                    AcceptReadiness.Set();
                }
            }

            if (accepted is not null || error == SocketError.WouldBlock)
            {
                return accepted;
            }

            ThrowUnlessEnded(error);
        }

        return null;
    }

    // A connection that has ended before it was accepted, or before its options were set, is no error of the listener.
    private void ThrowUnlessEnded(SocketError error)
    {
        if (error is not (SocketError.Success or SocketError.Interrupted or SocketError.ConnectionAborted))
        {
            throw AcceptError(error, LocalEndPoint);
        }
    }

    // Null with success: the connection has ended.
    private unsafe EpollStream? Accept(out SocketError error)
    {
        PeerAddress peer = default;
        uint length = PeerAddress.Size;
        int fd;
        using (DescriptorLease lease = _handle.Lease())
        {
            // SAFETY: the address is on this method's own stack, and the kernel writes no more than the length says.
            fd = Libc.Accept4(lease.Descriptor, (byte*)&peer, &length, LinuxConstants.SockNonBlock | LinuxConstants.SockCloExec);
            error = fd < 0 ? Errno.LastError() : SocketError.Success;
        }

        if (fd < 0)
        {
            return null;
        }

        OnAccepted(fd);
        return Accepted(new SocketHandle(fd), peer, length);
    }

    protected override void CloseCore(DisposalSteps steps)
    {
        base.CloseCore(steps);
        steps.Run(() => _loop.Unregister(_handle, this));
        steps.Run(_handle.Dispose);
    }

    // Null if the connection has ended before its options were set.
    private EpollStream? Accepted(SocketHandle handle, PeerAddress peer, uint peerLength)
    {
        try
        {
            if (_family == AddressFamily.Unix)
            {
                return AcceptedUnix(handle, peerLength);
            }

            handle.CloseMayBlock = _accepted.LingerSeconds > 0;
            if (_accepted.RareOptions is { } more && !TryApply(more, handle))
            {
                handle.Dispose();
                return null;
            }

            return EpollStream.Start(_engine, _engine.NextLoopForAccepted(), handle, _family, peer, _accepted);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    // Hardly any client has a name: without one, getpeername(2) is spared.
    private EpollStream AcceptedUnix(SocketHandle handle, uint peerLength)
    {
        new EpollSocketOptions(handle, _family).ApplyUnix(_accepted);
        EndPoint remote = peerLength <= sizeof(ushort) ? UnixEndPoints.Unnamed : SocketAddresses.Remote(handle, _family);
        return EpollStream.Start(_engine, _engine.NextLoopForAccepted(), handle, remote, _accepted, mayHaveData: true);
    }

    private bool TryApply(OptionSet options, SocketHandle handle)
    {
        try
        {
            options.ApplyToAccepted(new EpollSocketOptions(handle, _family), inherited: true);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
