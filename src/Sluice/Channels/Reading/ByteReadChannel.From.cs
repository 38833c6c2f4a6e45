using System.Buffers;
using System.Text;
using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;

namespace Sluice;

public sealed partial class ByteReadChannel
{
    /// <summary>Creates a channel over bytes in memory, which are not copied. Its reads never wait.</summary>
    /// <param name="bytes">The bytes. They must not change while the channel is read.</param>
    /// <returns>The channel.</returns>
    public static ByteReadChannel FromBytes(ReadOnlyMemory<byte> bytes) => FromBytes(new ReadOnlySequence<byte>(bytes));

    /// <summary>Creates a channel over bytes in memory, which are not copied. Its reads never wait.</summary>
    /// <param name="bytes">The bytes. They must not change while the channel is read.</param>
    /// <returns>The channel.</returns>
    public static ByteReadChannel FromBytes(ReadOnlySequence<byte> bytes)
    {
        var queue = new SegmentQueue(pool: null);
        foreach (ReadOnlyMemory<byte> memory in bytes)
        {
            if (!memory.IsEmpty)
            {
                queue.Append(BufferSegment.Wrap(memory));
            }
        }

        return new ByteReadChannel(EndedSource.Instance, queue) { _ended = true };
    }

    /// <summary>Creates a channel over a text. Its reads never wait.</summary>
    /// <param name="text">The text.</param>
    /// <param name="encoding">Encodes the text; null for UTF-8.</param>
    /// <returns>The channel.</returns>
    public static ByteReadChannel FromString(string text, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FromBytes((encoding ?? Encoding.UTF8).GetBytes(text));
    }
}
