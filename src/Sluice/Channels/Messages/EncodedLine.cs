using System.Buffers;
using System.Text;

namespace Sluice.Channels.Messages;

/// <summary>Encodes a line and its ending in UTF-8: on the caller's stack if it is short.</summary>
internal readonly ref struct EncodedLine : IDisposable
{
    /// <summary>The number of bytes that a caller provides on its stack.</summary>
    public const int StackSize = 512;

    private readonly byte[]? _rented;

    public EncodedLine(ReadOnlySpan<char> line, string newLine, Span<byte> stack)
    {
        int most = Encoding.UTF8.GetMaxByteCount(line.Length + newLine.Length);
        Span<byte> bytes = most <= stack.Length ? stack : _rented = ArrayPool<byte>.Shared.Rent(most);
        int count = Encoding.UTF8.GetBytes(line, bytes);
        count += Encoding.UTF8.GetBytes(newLine, bytes[count..]);
        Bytes = bytes[..count];
    }

    public ReadOnlySpan<byte> Bytes { get; }

    public void Dispose()
    {
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }
}
