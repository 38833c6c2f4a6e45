namespace Sluice.Testing.Tests.Suspension;

/// <summary>An operation that writes all of a message or, if it fails, nothing.</summary>
/// <param name="Name">The name in the list of tests.</param>
/// <param name="Message">What the peer receives.</param>
/// <param name="WriteAsync">Writes it.</param>
internal sealed record WriteOperation(string Name, byte[] Message, Func<ByteWriteChannel, CancellationToken, ValueTask> WriteAsync)
{
    public override string ToString() => Name;
}
