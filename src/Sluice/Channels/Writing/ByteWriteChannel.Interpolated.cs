using System.Buffers;

namespace Sluice;

public abstract partial class ByteWriteChannel
{
    /// <summary>
    /// Writes an interpolated string, <c>$"{x} {y}"</c>, in UTF-8 and without making a string of it; numbers and dates as
    /// <see cref="System.Globalization.CultureInfo.InvariantCulture"/> has them. Suspends only while the buffer is full.
    /// </summary>
    /// <param name="text">What the compiler makes of the interpolated string.</param>
    /// <param name="cancellationToken">Ends the wait for room.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed or the socket closed, perhaps meanwhile.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public ValueTask WriteAsync(ref WriteInterpolatedStringHandler text, CancellationToken cancellationToken = default)
    {
        byte[] rented = text.Detach(out int count);
        try
        {
            return WriteSmallAsync(rented.AsSpan(0, count), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Writes an interpolated string as <see cref="WriteAsync(ref WriteInterpolatedStringHandler, CancellationToken)"/> does, and
    /// <see cref="NewLine"/> behind it, in one piece.
    /// </summary>
    /// <inheritdoc cref="WriteAsync(ref WriteInterpolatedStringHandler, CancellationToken)"/>
    public ValueTask WriteLineAsync(ref WriteInterpolatedStringHandler text, CancellationToken cancellationToken = default)
    {
        text.AppendLiteral(NewLine);
        return WriteAsync(ref text, cancellationToken);
    }
}
