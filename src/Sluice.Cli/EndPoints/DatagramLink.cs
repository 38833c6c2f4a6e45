namespace Sluice.Cli.EndPoints;

/// <summary>A link over a connected datagram socket. Each read and each write is one datagram.</summary>
internal sealed class DatagramLink(DatagramSocket socket, string name) : Link(name)
{
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            int count;
            do
            {
                // An empty datagram is not an end.
                count = (await socket.ReceiveAsync(buffer, cancellationToken)).Count;
            }
            while (count == 0);

            return count;
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => socket.SendAsync(bytes, cancellationToken);

    // Datagrams have no end.
    public override ValueTask CompleteAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    public override void Abort() => _ = socket.DisposeAsync().AsTask();

    public override ValueTask DisposeAsync() => socket.DisposeAsync();
}
