using System.Net.Sockets;

namespace Sluice.Channels.Adapters;

/// <summary>
/// Represents the timeout of a synchronous call on a stream. It makes no timer before the call has to wait, and counts from the first wait.
/// </summary>
/// <param name="timeout">How long the call may wait; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
/// <param name="timeProvider">The clock.</param>
internal struct BlockingDeadline(TimeSpan timeout, TimeProvider timeProvider) : IDisposable
{
    private CancellationTokenSource? _passed;

    /// <summary>A token that is canceled when the timeout passes.</summary>
    public CancellationToken Token => timeout == Timeout.InfiniteTimeSpan
        ? CancellationToken.None
        : (_passed ??= new CancellationTokenSource(timeout, timeProvider)).Token;

    /// <summary>Whether the timeout has passed. A user's reader may then throw for a token of its own.</summary>
    public readonly bool HasPassed => _passed is { IsCancellationRequested: true };

    /// <summary>Creates the exception that the call throws. Its inner exception is the one that callers of a <see cref="NetworkStream"/> look for.</summary>
    /// <param name="doing">The action in the message: "Reading" or "Writing".</param>
    /// <param name="preposition">The word between the action and the peer.</param>
    /// <param name="peer">The name of the other end; null if it has none.</param>
    public readonly IOException Exception(string doing, string preposition, string? peer) =>
        new($"{doing}{(peer is null ? string.Empty : $" {preposition} {peer}")}: the stream's timeout of {timeout.TotalSeconds:0.###} s has passed.", new SocketException((int)SocketError.TimedOut));

    public readonly void Dispose() => _passed?.Dispose();
}
