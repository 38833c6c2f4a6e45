using System.Buffers;
using Sluice.Sockets;

namespace Sluice.Proxying;

/// <summary>Reads the PROXY header at the start of a connection, and no byte behind it.</summary>
internal sealed class ProxyHeaderReader(int maxLength)
{
    /// <exception cref="InvalidDataException">The bytes are not a valid header.</exception>
    /// <exception cref="EndOfStreamException">The connection ended, or was reset, before the first byte, as that of a probe that only tests whether the server
    /// listens.</exception>
    /// <exception cref="IOException">The peer reset, or the network failed.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async ValueTask ReadAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        ByteReadChannel input = socket.BeginPreamble();
        try
        {
            await ReadAsync(socket, input, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException exception) when (exception is not EndOfStreamException && input.AvailableForRead == 0)
        {
            // A probe that only tests whether the server listens may reset, as HAProxy's does.
            input.EndReading();
            throw new EndOfStreamException(exception.Message, exception);
        }
        catch
        {
            // No further read returns the memory of the last peek.
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
