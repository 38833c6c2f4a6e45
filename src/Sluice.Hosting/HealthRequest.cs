using System.Buffers;
using Sluice.Proxying;

namespace Sluice.Hosting;

/// <summary>Reads the request of a probe, which a PROXY header may precede.</summary>
internal static class HealthRequest
{
    private const int MaxHeaders = 100;

    private static readonly LineReadOptions s_lines = new() { MaxLength = 8 * 1024 };

    /// <summary>Reads the head of a request. Null if it is not HTTP, or the client has left.</summary>
    /// <exception cref="IOException">A line is too long, or the network failed.</exception>
    /// <exception cref="FormatException">A line is not text.</exception>
    /// <exception cref="InvalidDataException">The PROXY header is malformed.</exception>
    public static async ValueTask<string?> ReadMethodAsync(ByteReadChannel input, CancellationToken cancellationToken)
    {
        await SkipProxyHeaderAsync(input, cancellationToken).ConfigureAwait(false);
        return await ReadHeadAsync(input, cancellationToken).ConfigureAwait(false);
    }

    // The method of a POST begins like a header of version 1, and a header of version 2 with empty lines.
    private static async ValueTask SkipProxyHeaderAsync(ByteReadChannel input, CancellationToken cancellationToken)
    {
        int wanted = ProxyHeaderFormat.Line.Length;
        while (true)
        {
            ReadOnlySequence<byte> bytes = await input.PeekAsync(wanted, cancellationToken).ConfigureAwait(false);
            if (bytes.Length < wanted || !MayBegin(bytes))
            {
                return;
            }

            if (TryParse(bytes, out int length))
            {
                await input.SkipExactlyAsync(length, cancellationToken).ConfigureAwait(false);
                return;
            }

            wanted = length;
        }
    }

    private static bool MayBegin(in ReadOnlySequence<byte> bytes)
    {
        byte[] start = bytes.Slice(0, Math.Min(bytes.Length, ProxyHeaderFormat.Signature.Length)).ToArray();
        return ProxyHeaderParser.StartsLike(start, ProxyHeaderFormat.Line) || ProxyHeaderParser.StartsLike(start, ProxyHeaderFormat.Signature);
    }

    private static bool TryParse(in ReadOnlySequence<byte> bytes, out int length) =>
        ProxyHeaderParser.TryParse(bytes.ToArray(), ProxyProtocolOptions.DefaultMaxHeaderLength, out _, out length);

    private static async ValueTask<string?> ReadHeadAsync(ByteReadChannel input, CancellationToken cancellationToken)
    {
        string? request = await input.ReadLineAsync(s_lines, cancellationToken).ConfigureAwait(false);
        for (int i = 0; i < MaxHeaders; i++)
        {
            string? header = await input.ReadLineAsync(s_lines, cancellationToken).ConfigureAwait(false);
            if (header is null)
            {
                return null;
            }

            if (header.Length == 0)
            {
                return request?.Split(' ') is [var method, _, ['H', 'T', 'T', 'P', '/', '1', '.', ..]] ? method : null;
            }
        }

        return null;
    }
}
