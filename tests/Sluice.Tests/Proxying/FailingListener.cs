using System.Net;
using System.Net.Sockets;
using Sluice.Engine;
using Sluice.Options;
using Sluice.Scheduling;

namespace Sluice.Tests.Proxying;

/// <summary>A listener that finds no descriptor for what it is to accept.</summary>
internal sealed class FailingListener(SocketEngine engine) : ListenerTransport(engine, new ThreadPoolScheduler())
{
    private int _tries;

    public int Tries => Volatile.Read(ref _tries);

    public override EndPoint LocalEndPoint { get; } = new IPEndPoint(IPAddress.Loopback, 1);

    public override IOptionTarget Options => throw new NotSupportedException();

    public override StreamTransport? TryAcceptNow() => TryAccept();

    protected override StreamTransport? TryAccept()
    {
        Interlocked.Increment(ref _tries);
        throw AcceptError(SocketError.TooManyOpenSockets, LocalEndPoint);
    }
}
