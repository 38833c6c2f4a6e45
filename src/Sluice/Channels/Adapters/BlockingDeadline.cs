using System.Net.Sockets;

namespace Sluice.Channels.Adapters;

/// <summary>
/// The time-out of a synchronous call on a stream. It makes no timer before the call has to wait, and counts from its first wait.
/// </summary>
/// <param name="timeout">How long it may wait; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
/// <param name="timeProvider">What measures the time.</param>
internal struct BlockingDeadline(TimeSpan timeout, TimeProvider timeProvider) : IDisposable
{
    private CancellationTokenSource? _passed;

    /// <summary>Cancelled when the time has passed.</summary>
    public CancellationToken Token => timeout == Timeout.InfiniteTimeSpan
        ? CancellationToken.None
        : (_passed ??= new CancellationTokenSource(timeout, timeProvider)).Token;

    /// <summary>Whether the time has passed. Readers of others may throw for a token of their own then.</summary>
    public readonly bool HasPassed => _passed is { IsCancellationRequested: true };

    /// <summary>What the call throws. The inner exception is the one that callers of a <see cref="NetworkStream"/> look for.</summary>
    /// <param name="doing">What the call does, for the message: "Reading" or "Writing".</param>
    /// <param name="preposition">What stands between that and the peer.</param>
    /// <param name="peer">The other end; null if it has no name.</param>
    public readonly IOException Exception(string doing, string preposition, string? peer) =>
        new($"{doing}{(peer is null ? string.Empty : $" {preposition} {peer}")}: the stream's time-out of {timeout.TotalSeconds:0.###} s has passed.", new SocketException((int)SocketError.TimedOut));

    public readonly void Dispose() => _passed?.Dispose();
}
