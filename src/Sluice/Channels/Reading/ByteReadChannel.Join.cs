using System.Runtime.CompilerServices;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>
    /// Copies to <paramref name="destination"/> as <see cref="CopyToAsync(ByteWriteChannel, CancellationToken)"/> does, and carries the end
    /// across: the end of the stream completes the destination, a failure of either side closes the other with that cause.
    /// </summary>
    /// <param name="destination">Where to. Nobody else can write to it meanwhile.</param>
    /// <param name="cancellationToken">
    /// Ends the copy, and leaves both channels open. Nothing is lost: every byte was handed to the destination, or can still be read here.
    /// </param>
    /// <returns>How many bytes were copied.</returns>
    /// <exception cref="InvalidOperationException">Another read here, or another write there, is in progress. Both are left alone.</exception>
    /// <exception cref="IOException">One of the peers reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">One of the sockets is closed, or was closed meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask<long> CopyAndCompleteAsync(ByteWriteChannel destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(destination);
        BeginCopy(destination);
        return CopyAndCompleteBegunAsync(destination, failure: new StrongBox<Exception?>(), cancellationToken);
    }

    /// <summary>As <see cref="CopyAndCompleteAsync"/>, after <see cref="BeginCopy"/>. The first failure says so before it has consequences.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
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

            // Whichever has failed takes no notice.
            Cancel(exception);
            destination.CompleteBecause(exception);
            throw;
        }
    }
}
