namespace Sluice.Tests.Channels;

/// <summary>One way to write, and what it has to put on the wire: for what has to hold for all of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">What arrives.</param>
/// <param name="Run">Runs it.</param>
internal sealed record WriteOperation(string Name, byte[] Bytes, Func<ByteWriteChannel, CancellationToken, ValueTask> Run)
{
    public override string ToString() => Name;
}
