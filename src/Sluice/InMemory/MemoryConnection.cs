using System.Net.Sockets;
using Sluice.Channels;
using Sluice.Scheduling;

namespace Sluice.InMemory;

/// <summary>One end of two connected pipes: closes as a socket does.</summary>
internal sealed class MemoryConnection(ByteChannel incoming, ByteChannel outgoing, TimeSpan closeTimeout) : IConnectionOwner
{
    private readonly Lock _lock = new();
    private IConnectionLayer? _layer;
    private Task? _closing;

    public IScheduler Scheduler => ThreadPoolScheduler.Instance;

    public TimeProvider TimeProvider => TimeProvider.System;

    public ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        Task closing;
        lock (_lock)
        {
            closing = _closing ??= CloseCoreAsync();
        }

        return new ValueTask(closing.WaitAsync(cancellationToken));
    }

    public void SetLayer(IConnectionLayer layer)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closing is not null, typeof(Connection));
            _layer = _layer is null ? layer : throw new InvalidOperationException("The connection has a TLS session already.");
        }
    }

    public void Abort()
    {
        _layer?.Abandon();
        incoming.Reader.Cancel();
        outgoing.Abandon(new IOException("The connection was aborted by its other end.", new SocketException((int)SocketError.ConnectionReset)));
    }

    private async Task CloseCoreAsync()
    {
        if (_layer is { } layer)
        {
            await Task.WhenAny(layer.CloseAsync(), Task.Delay(closeTimeout)).ConfigureAwait(false);
            layer.Abandon();
        }

        incoming.Reader.Cancel();
        if (!await outgoing.DrainAsync(closeTimeout).ConfigureAwait(false))
        {
            Abort();
        }

        _layer?.Dispose();
    }
}
