namespace Sluice.Cli.EndPoints;

/// <summary>A link over a connected datagram socket. Each read and each write is one datagram.</summary>
/// <param name="socket">The socket.</param>
/// <param name="name">What messages call the other side.</param>
/// <param name="linger">How long to wait for answers after the last write; null for until the link is disposed.</param>
internal sealed class DatagramLink(DatagramSocket socket, string name, TimeSpan? linger) : Link(name)
{
    private readonly CancellationTokenSource _ending = new();

    public override int MostWrite { get; } = DatagramSize.MostPayloadTo(socket.RemoteEndPoint);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _ending.Token);
        try
        {
            int count;
            do
            {
                // An empty datagram is not an end.
                count = (await socket.ReceiveAsync(buffer, ending.Token)).Count;
            }
            while (count == 0);

            return count;
        }
        catch (Exception exception) when (exception is ObjectDisposedException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return 0;
        }
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        bytes.Length <= MostWrite ? socket.SendAsync(bytes, cancellationToken) : DatagramSize.SplitAsync(bytes, MostWrite, part => socket.SendAsync(part, cancellationToken));

    // Datagrams have no end, and so the other side does not say when it has answered the last one.
    public override ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        if (linger is { } time)
        {
            _ending.CancelAfter(time);
        }

        return ValueTask.CompletedTask;
    }

    public override void Abort() => _ = socket.DisposeAsync().AsTask();

    public override async ValueTask DisposeAsync()
    {
        await socket.DisposeAsync();
        _ending.Dispose();
    }
}
