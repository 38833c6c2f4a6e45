using System.Buffers;
using Sluice.Diagnostics;

namespace Sluice.Channels.Messages;

/// <summary>
/// Holds the bytes of one message, which do not change. Several queues may refer to it. The last reference that is released returns the memory.
/// </summary>
/// <remarks>
/// The holder of a reference may add more. The object of a message that only queues know is used again, because no reader can come late to it. That
/// of an <see cref="OutgoingMessage"/> is not.
/// </remarks>
internal sealed class MessageBuffer
{
    private const int MaxSpare = 1024;

    private static readonly Lock s_lock = new();

    // Guarded by s_lock. The message is posted on one thread and released on another, so a list of each thread would be full or empty.
    private static MessageBuffer? s_spare;
    private static int s_spareCount;

    private readonly bool _isReused;
    private byte[] _bytes = [];
    private int _references;
    private bool _isCounted;
    private MessageBuffer? _next;

    private MessageBuffer(bool isReused) => _isReused = isReused;

    public int Length { get; private set; }

    /// <summary>Gets the number of references. For tests.</summary>
    public int References => Volatile.Read(ref _references);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Copies a message, with one reference for the caller.</summary>
    /// <param name="bytes">The message.</param>
    /// <param name="isReused">Whether the object may be used again after the last reference.</param>
    public static MessageBuffer Create(ReadOnlySpan<byte> bytes, bool isReused = true)
    {
        MessageBuffer buffer = (isReused ? TakeSpare() : null) ?? new MessageBuffer(isReused);
        buffer._bytes = ArrayPool<byte>.Shared.Rent(bytes.Length);
        bytes.CopyTo(buffer._bytes);
        buffer.Length = bytes.Length;
        buffer._isCounted = BufferCounter.Rent();
        Volatile.Write(ref buffer._references, 1);
        return buffer;
    }

    /// <summary>Adds references, for a caller that has one.</summary>
    public void AddReferences(int count) => Interlocked.Add(ref _references, count);

    /// <summary>Adds references unless the last one is released already, for a caller that may have none.</summary>
    public bool TryAddReferences(int count)
    {
        int references = Volatile.Read(ref _references);
        while (references > 0)
        {
            int seen = Interlocked.CompareExchange(ref _references, references + count, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    /// <summary>Releases references.</summary>
    public void Release(int count = 1)
    {
        if (Interlocked.Add(ref _references, -count) == 0)
        {
            Free();
        }
    }

    private static MessageBuffer? TakeSpare()
    {
        lock (s_lock)
        {
            MessageBuffer? spare = s_spare;
            if (spare is not null)
            {
                s_spare = spare._next;
                spare._next = null;
                s_spareCount--;
            }

            return spare;
        }
    }

    private void Free()
    {
        if (_isCounted)
        {
            _isCounted = false;
            BufferCounter.Return();
        }

        byte[] bytes = _bytes;
        _bytes = [];
        Length = 0;
        ArrayPool<byte>.Shared.Return(bytes);
        if (!_isReused)
        {
            return;
        }

        lock (s_lock)
        {
            if (s_spareCount < MaxSpare)
            {
                _next = s_spare;
                s_spare = this;
                s_spareCount++;
            }
        }
    }
}
