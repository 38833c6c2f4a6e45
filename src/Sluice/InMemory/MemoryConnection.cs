using System.Net.Sockets;
using Sluice.Channels;

namespace Sluice.InMemory;

/// <summary>One end of two connected pipes: closes as a socket does.</summary>
internal sealed class MemoryConnection(ByteChannel incoming, ByteChannel outgoing, TimeSpan closeTimeout) : IConnectionOwner
{
    private readonly Lock _lock = new();
    private Task? _closing;

    public ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        Task closing;
        lock (_lock)
        {
            closing = _closing ??= CloseCoreAsync();
        }

        return new ValueTask(closing.WaitAsync(cancellationToken));
    }

    public void Abort()
    {
        incoming.Reader.Cancel();
        outgoing.Abandon(new IOException("The connection was aborted by its other end.", new SocketException((int)SocketError.ConnectionReset)));
    }

    private async Task CloseCoreAsync()
    {
        incoming.Reader.Cancel();
        if (!await outgoing.DrainAsync(closeTimeout).ConfigureAwait(false))
        {
            Abort();
        }
    }
}
