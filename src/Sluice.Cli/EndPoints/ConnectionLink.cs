namespace Sluice.Cli.EndPoints;

/// <summary>A link over a connection of a stream socket.</summary>
internal sealed class ConnectionLink(Connection connection, string name) : Link(name)
{
    public override Connection Connection => connection;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => connection.Input.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => connection.Output.WriteAsync(bytes, cancellationToken);

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) => connection.Output.CompleteAsync(cancellationToken);

    public override ValueTask EndAsync(CancellationToken cancellationToken) => connection.CloseAsync(cancellationToken);

    public override void Abort() => connection.Abort();

    public override ValueTask DisposeAsync() => connection.DisposeAsync();
}
