using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Engine;
using Sluice.Scheduling;

namespace Sluice.Tests.Connecting;

/// <summary>An engine whose connections come when a test says so, whether they are still wanted or not.</summary>
internal sealed class DelayingEngine(SocketEngine engine, Func<EndPoint, Task> until, Action? made = null)
    : SocketEngine(NullLogger.Instance, engine.TimeProvider)
{
    public override SelectorEngine Kind => engine.Kind;

    public override IEnumerable<IScheduler> Schedulers => engine.Schedulers;

    public override ListenerTransport Bind(EndPoint endPoint, TcpListenerOptions options) => throw new NotSupportedException();

    public override DatagramTransport OpenDatagram(AddressFamily family, EndPoint? local, EndPoint? remote, DatagramSocketOptions options) =>
        throw new NotSupportedException();

    public override async Task<StreamTransport> ConnectAsync(EndPoint endPoint, StreamSocketOptions options, CancellationToken cancellationToken)
    {
        await until(endPoint);
        StreamTransport transport = await engine.ConnectAsync(endPoint, options, CancellationToken.None);
        made?.Invoke();
        return transport;
    }
}
