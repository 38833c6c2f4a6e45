using System.Buffers;

namespace Sluice;

public sealed partial class ByteWriteChannel
{
    /// <summary>
    /// Writes an interpolated string, <c>$"{x} {y}"</c>, in UTF-8, without building a string first. Numbers and dates are formatted with
    /// <see cref="System.Globalization.CultureInfo.InvariantCulture"/>. Waits only while the buffer is full.
    /// </summary>
    /// <param name="text">The handler that the compiler builds from the interpolated string.</param>
    /// <param name="cancellationToken">Cancels the wait for room in the buffer.</param>
    /// <exception cref="InvalidOperationException">Another write is in progress.</exception>
    /// <exception cref="IOException">The peer reset the connection, the network failed, or the socket timeout passed.</exception>
    /// <exception cref="ObjectDisposedException">The channel is completed, or the socket was closed before or during the call.</exception>
    /// <exception cref="OperationCanceledException">The token was canceled.</exception>
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
    /// Writes an interpolated string as <see cref="WriteAsync(ref WriteInterpolatedStringHandler, CancellationToken)"/> does, followed by
    /// <see cref="NewLine"/>, in one piece.
    /// </summary>
    /// <inheritdoc cref="WriteAsync(ref WriteInterpolatedStringHandler, CancellationToken)"/>
    public ValueTask WriteLineAsync(ref WriteInterpolatedStringHandler text, CancellationToken cancellationToken = default)
    {
        text.AppendLiteral(NewLine);
        return WriteAsync(ref text, cancellationToken);
    }
}
