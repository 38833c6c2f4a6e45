namespace Sluice.Cli.EndPoints;

/// <summary>A link over an input stream and an output stream, which may be the same.</summary>
internal class StreamLink(string name, Stream input, Stream output) : Link(name)
{
    public override bool IsWriteOnly => input == Stream.Null;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => input.ReadAsync(buffer, cancellationToken);

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await output.WriteAsync(bytes, cancellationToken);
        await output.FlushAsync(cancellationToken);
    }

    public override ValueTask CompleteAsync(CancellationToken cancellationToken) => output.DisposeAsync();

    public override void Abort()
    {
        input.Dispose();
        output.Dispose();
    }

    public override async ValueTask DisposeAsync()
    {
        await output.DisposeAsync();
        await input.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
