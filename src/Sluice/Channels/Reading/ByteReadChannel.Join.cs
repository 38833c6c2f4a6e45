using System.Runtime.CompilerServices;
using Sluice.Scheduling;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>
    /// Copies to <paramref name="destination"/> as <see cref="CopyToAsync(ByteWriteChannel, CancellationToken)"/> does, and passes the end on:
    /// the end of the stream completes the destination; a failure of either side closes the other with that cause.
    /// </summary>
    /// <param name="destination">Receives the bytes. No other write to it is possible during the copy.</param>
    /// <param name="cancellationToken">
    /// Cancels the copy, and leaves both channels open. Nothing is lost: every byte was handed to the destination, or can still be read here.
    /// </param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="InvalidOperationException">Another read here, or another write there, is in progress. Both channels are unchanged.</exception>
    /// <exception cref="IOException">One of the peers reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">One of the sockets is closed, or is closed during the copy.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> CopyAndCompleteAsync(ByteWriteChannel destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        BeginCopy(destination);
        return CopyAndCompleteBegunAsync(destination, failure: new StrongBox<Exception?>(), cancellationToken);
    }

    /// <summary>Copies as <see cref="CopyAndCompleteAsync"/> does, after <see cref="BeginCopy"/>.</summary>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="failure">Receives the first failure of this copy and the one in the other direction, before it closes a channel.</param>
    /// <param name="cancellationToken">Cancels the copy.</param>
    [AsyncMethodBuilder(typeof(PooledMethodBuilder<>))]
    internal async ValueTask<long> CopyAndCompleteBegunAsync(
        ByteWriteChannel destination, StrongBox<Exception?> failure, CancellationToken cancellationToken)
    {
        try
        {
            long copied = await CopySlowAsync(destination, long.MaxValue, cancellationToken).ConfigureAwait(false);
            await destination.CompleteAsync(cancellationToken).ConfigureAwait(false);
            return copied;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Interlocked.CompareExchange(ref failure.Value, exception, null);

            // The side that has failed is closed already; closing it again has no effect.
            Cancel(exception);
            destination.CompleteBecause(exception);
            throw;
        }
    }
}
