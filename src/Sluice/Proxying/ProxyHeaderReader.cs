using System.Buffers;
using Sluice.Sockets;

namespace Sluice.Proxying;

/// <summary>Reads the PROXY header that a connection begins with, and nothing of what follows it.</summary>
internal sealed class ProxyHeaderReader(int maxLength)
{
    /// <exception cref="InvalidDataException">What comes is none.</exception>
    /// <exception cref="EndOfStreamException">The connection ended before a byte came, as that of somebody who only looks whether the server is
    /// there.</exception>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask ReadAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        ByteReadChannel input = socket.BeginPreamble();
        try
        {
            await ReadAsync(socket, input, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // No further read gives back what the last look has lent.
            input.EndReading();
            throw;
        }
    }

    private async ValueTask ReadAsync(StreamSocket socket, ByteReadChannel input, CancellationToken cancellationToken)
    {
        ProxyHeader? header = null;
        int length = 1;
        while (header is null)
        {
            int wanted = (int)Math.Clamp(input.AvailableForRead, length, Math.Max(length, maxLength));
            ReadOnlySequence<byte> bytes = await input.PeekAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (bytes.Length < length)
            {
                throw bytes.IsEmpty ? new EndOfStreamException() : new InvalidDataException($"the connection ended after {bytes.Length} bytes of its header");
            }

            TryParse(bytes, out header, out length);
        }

        await input.SkipExactlyAsync(length, cancellationToken).ConfigureAwait(false);
        socket.EndPreamble(new PeerIdentity(header.Source, header));
    }

    private void TryParse(ReadOnlySequence<byte> bytes, out ProxyHeader? header, out int length)
    {
        ReadOnlySpan<byte> span = bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray();
        try
        {
            ProxyHeaderParser.TryParse(span, maxLength, out header, out length);
        }
        catch (InvalidDataException exception)
        {
            throw new InvalidDataException($"its header is malformed: {exception.Message}");
        }
    }
}
