namespace Sluice.Channels.Reading.Operations;

/// <summary>Creates the exceptions that several reads have in common.</summary>
internal static class Failures
{
    public static EndOfStreamException EndOfStream(long had, long wanted) =>
        new($"The stream ended after {had} of the {wanted} bytes that were wanted.");

    public static EndOfStreamException Unfinished(string what, long had) => new($"The stream ended after {had} bytes of a {what}, which is not complete.");

    /// <summary>Adds the name of the peer, if it has one, as in every failure of a transfer.</summary>
    public static EndOfStreamException From(string? peer, EndOfStreamException failure) =>
        peer is null ? failure : new EndOfStreamException($"Reading from {peer}: {failure.Message}", failure);
}
