namespace Sluice.Tests.Sockets.Messaging;

/// <summary>Tests of connections over everything that a connection goes over.</summary>
public abstract class WireFixture(SelectorEngine engine) : TlsFixture(engine)
{
    // More than the kernel takes and a channel's buffer holds, also under TLS.
    private static readonly byte[] s_much = new byte[10_000_000];

    /// <summary>Connects two connections over "tcp", "tls", "unix" or "memory".</summary>
    protected async Task<(Connection Client, Connection Server)> ConnectAsync(string wire)
    {
        switch (wire)
        {
            case "tls":
                return await ConnectTlsAsync();
            case "memory":
                return ByteChannel.CreateConnectedPair();
            case "unix":
                (StreamSocket first, StreamSocket second) = await Selector.Unix().CreatePairAsync();
                return (first.OpenConnection(), second.OpenConnection());
            default:
                return await ConnectPairAsync();
        }
    }

    /// <summary>Begins a write that waits until the peer reads. Until then, messages wait in the outbox.</summary>
    /// <returns>The write, and the number of its bytes.</returns>
    protected static (Task Writing, int Count) BeginStuckWrite(Connection connection)
    {
        Task writing = connection.Output.WriteAsync(s_much).AsTask();
        Assert.That(writing.IsCompleted, Is.False);
        return (writing, s_much.Length);
    }

    /// <summary>Reads and drops the bytes of <see cref="BeginStuckWrite"/>.</summary>
    protected static async Task SkipStuckWriteAsync(Connection peer, (Task Writing, int Count) stuck)
    {
        await peer.Input.SkipExactlyAsync(stuck.Count).Soon();
        await stuck.Writing.Soon();
    }

    /// <summary>Disposes of both ends side by side: each waits for the other's end.</summary>
    protected static Task CloseAsync(Connection one, Connection other) =>
        Task.WhenAll(one.DisposeAsync().AsTask(), other.DisposeAsync().AsTask()).Soon();
}
