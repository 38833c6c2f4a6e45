namespace Sluice.Testing.Tests.Suspension;

/// <summary>An operation that reads all of a message, and that consumes nothing unless it ends with its result.</summary>
/// <param name="Name">The name in the list of tests.</param>
/// <param name="Message">What the peer sends.</param>
/// <param name="ReadAsync">Reads it.</param>
/// <param name="Expected">The result.</param>
internal sealed record ReadOperation(string Name, byte[] Message, Func<ByteReadChannel, CancellationToken, Task<object?>> ReadAsync, object? Expected)
{
    public override string ToString() => Name;
}
