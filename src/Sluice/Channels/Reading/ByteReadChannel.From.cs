using System.Buffers;
using System.Text;
using Sluice.Channels.Reading;

namespace Sluice;

public abstract partial class ByteReadChannel
{
    /// <summary>A channel over bytes in memory, which are not copied. It never waits.</summary>
    /// <param name="bytes">The bytes. They must not change while the channel is read.</param>
    /// <returns>The channel.</returns>
    public static ByteReadChannel FromBytes(ReadOnlyMemory<byte> bytes) => new MemoryReadChannel(new ReadOnlySequence<byte>(bytes));

    /// <summary>A channel over bytes in memory, which are not copied. It never waits.</summary>
    /// <param name="bytes">The bytes. They must not change while the channel is read.</param>
    /// <returns>The channel.</returns>
    public static ByteReadChannel FromBytes(ReadOnlySequence<byte> bytes) => new MemoryReadChannel(bytes);

    /// <summary>A channel over a text. It never waits.</summary>
    /// <param name="text">The text.</param>
    /// <param name="encoding">How it becomes bytes; null for UTF-8.</param>
    /// <returns>The channel.</returns>
    public static ByteReadChannel FromString(string text, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return FromBytes((encoding ?? Encoding.UTF8).GetBytes(text));
    }
}
