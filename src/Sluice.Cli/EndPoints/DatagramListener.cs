using System.Collections.Concurrent;
using System.Net;
using Sluice.Cli.Output;

namespace Sluice.Cli.EndPoints;

/// <summary>Listens at a UDP end point: each peer that sends a datagram is a link, until it is idle for too long.</summary>
internal sealed class DatagramListener(DatagramSocket socket, ErrorOutput errors) : Listener
{
    private readonly ConcurrentDictionary<EndPoint, PeerLink> _links = new();
    private readonly ConcurrentDictionary<Task, bool> _serving = new();

    private volatile int _maxConnections;

    public override string Name => $"udp://{socket.LocalEndPoint}";

    public override int Port => socket.Port;

    public override async Task ServeAsync(Func<Link, CancellationToken, Task> handler, ListenerLimits limits, CancellationToken stopping)
    {
        _maxConnections = limits.MaxConnections;
        try
        {
            await foreach (Datagram datagram in socket.ReceiveAllAsync(stopping))
            {
                using (datagram)
                {
                    if (datagram.Payload.Length > 0)
                    {
                        Deliver(datagram.Payload.ToArray(), datagram.RemoteEndPoint, handler, limits, stopping);
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped.
        }

        Abort();
        await Task.WhenAll(_serving.Keys);
    }

    public override void SetMaxConnections(int maxConnections) => _maxConnections = maxConnections;

    public override void Abort()
    {
        foreach (PeerLink link in _links.Values)
        {
            link.Abort();
        }
    }

    public override ValueTask DisposeAsync() => socket.DisposeAsync();

    // A link that has ended may have a handler that still waits for answers. A datagram of its peer begins a new one.
    private void Deliver(byte[] datagram, EndPoint peer, Func<Link, CancellationToken, Task> handler, ListenerLimits limits, CancellationToken stopping)
    {
        bool isKnown = _links.TryGetValue(peer, out PeerLink? link);
        if (isKnown && link!.TryDeliver(datagram))
        {
            return;
        }

        if (isKnown || _links.Count < _maxConnections)
        {
            // Its only reader does not run yet, and its time has just begun.
            Begin(peer, handler, limits, stopping).TryDeliver(datagram);
        }
    }

    // Only the loop that receives adds links.
    private PeerLink Begin(EndPoint peer, Func<Link, CancellationToken, Task> handler, ListenerLimits limits, CancellationToken stopping)
    {
        var link = new PeerLink(socket, peer, TimeProvider.System, limits.DatagramIdle);
        _links[peer] = link;
        Task serving = ServeAsync(link, peer, handler, stopping);
        _serving[serving] = true;
        _ = serving.ContinueWith(ended => _serving.TryRemove(ended, out _), TaskScheduler.Default);
        return link;
    }

    private async Task ServeAsync(PeerLink link, EndPoint peer, Func<Link, CancellationToken, Task> handler, CancellationToken stopping)
    {
        await Task.Yield();
        try
        {
            await handler(link, stopping);
        }
        catch (Exception exception) when (Failures.IsExpected(exception) || exception is OperationCanceledException or ObjectDisposedException)
        {
            if (!stopping.IsCancellationRequested)
            {
                errors.Report(Failures.MessageOf(exception), $"{peer}");
            }
        }
        finally
        {
            // The peer may have a new link.
            _links.TryRemove(new KeyValuePair<EndPoint, PeerLink>(peer, link));
            await link.DisposeAsync();
        }
    }
}
