namespace Sluice.Tests.Channels;

/// <summary>One way to read, with what it needs and what it gives: for what has to hold for all of them.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Given">The bytes it waits for: with one fewer it waits on.</param>
/// <param name="Consumed">How many of them it consumes.</param>
/// <param name="Result">What it gives, as text.</param>
/// <param name="RunAsync">Runs it, and gives its result as text.</param>
/// <param name="AtEnd">What it gives if the stream ends after so few of them; null for <see cref="EndOfStreamException"/>.</param>
/// <param name="Now">Runs it where it need not wait, and makes nothing of the result.</param>
internal sealed record ReadOperation(
    string Name,
    byte[] Given,
    int Consumed,
    string Result,
    Func<ByteReadChannel, CancellationToken, Task<string>> RunAsync,
    Func<byte[], string?> AtEnd,
    Action<ByteReadChannel> Now)
{
    /// <summary>Whether it waits for the end of the stream, too.</summary>
    public bool NeedsEnd { get; init; }

    /// <summary>Whether it takes what comes although it does not end.</summary>
    public bool TakesAsItGoes { get; init; }

    /// <summary>How many bytes the result has that it makes.</summary>
    public int Allocates { get; init; }

    /// <summary>Whether the peer can keep it from ending, and it has a limit for that.</summary>
    public bool HasLimit { get; init; }

    public override string ToString() => Name;
}
