using System.Buffers;
using System.Collections.Concurrent;
using Sluice.Channels.Buffers;

namespace Sluice.Datagrams;

/// <summary>
/// The rented memory of a <see cref="Datagram"/>. The object is used again: a version that grows with each use tells a datagram from earlier ones, so
/// that a datagram that was disposed of can neither be read nor disposed of again.
/// </summary>
internal sealed class DatagramPayload
{
    private const int MaxSpare = 1024;

    private static readonly ConcurrentQueue<DatagramPayload> s_spare = new();

    [ThreadStatic]
    private static DatagramPayload? s_last;

    private static int s_spareCount;

    // Of the datagram with the current version.
    private byte[]? _array;
    private MemoryPool<byte>? _pool;
    private IMemoryOwner<byte>? _owner;

    // Compare-exchanged: the disposal that raises it owns the memory.
    private int _version;

    public static DatagramPayload Rent(int size, MemoryPool<byte>? pool, out int version)
    {
        // Before the payload, which would be lost if the pool throws. A datagram that the pool has no block for is in an array, like a long write.
        IMemoryOwner<byte>? owner = pool is null || size > pool.MaxBufferSize ? null : GuardedPool.RentAtLeast(pool, size, Math.Max(size, 1), out _);
        DatagramPayload? payload = s_last;
        s_last = null;
        if (payload is null && s_spare.TryDequeue(out payload))
        {
            Interlocked.Decrement(ref s_spareCount);
        }

        payload ??= new DatagramPayload();
        if (owner is null)
        {
            payload._array = size == 0 ? [] : ArrayPool<byte>.Shared.Rent(size);
        }
        else
        {
            payload._owner = owner;
            payload._pool = pool;
        }

        version = Volatile.Read(ref payload._version);
        return payload;
    }

    /// <exception cref="ObjectDisposedException">The datagram was disposed of.</exception>
    public Memory<byte> Memory(int version)
    {
        Memory<byte> memory = _array is { } array ? array : _owner?.Memory ?? default;
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _version) != version, typeof(Datagram));
        return memory;
    }

    public void Return(int version)
    {
        if (Interlocked.CompareExchange(ref _version, version + 1, version) != version)
        {
            return;
        }

        if (_array is { Length: > 0 } array)
        {
            ArrayPool<byte>.Shared.Return(array);
        }

        (IMemoryOwner<byte>? owner, MemoryPool<byte>? pool) = (_owner, _pool);
        (_array, _owner, _pool) = (null, null, null);
        if (s_last is null)
        {
            s_last = this;
        }
        else if (Interlocked.Increment(ref s_spareCount) <= MaxSpare)
        {
            s_spare.Enqueue(this);
        }
        else
        {
            Interlocked.Decrement(ref s_spareCount);
        }

        if (owner is not null)
        {
            GuardedPool.Return(pool, owner);
        }
    }
}
