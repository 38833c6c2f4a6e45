namespace Sluice.Channels.Reading.Operations;

/// <summary>The exceptions that several reads have in common.</summary>
internal static class Failures
{
    public static EndOfStreamException EndOfStream(long had, long wanted) =>
        new($"The stream ended after {had} of the {wanted} bytes that were wanted.");

    public static EndOfStreamException Unfinished(string what, long had) => new($"The stream ended after {had} bytes of a {what}, which is not complete.");

    /// <summary>The same, with the peer named as in every failure of a transfer, if it has a name.</summary>
    public static EndOfStreamException From(string? peer, EndOfStreamException failure) =>
        peer is null ? failure : new EndOfStreamException($"Reading from {peer}: {failure.Message}", failure);
}
