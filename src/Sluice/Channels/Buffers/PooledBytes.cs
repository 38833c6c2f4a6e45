using System.Buffers;

namespace Sluice.Channels.Buffers;

/// <summary>Arrays of the shared pool that grow.</summary>
internal static class PooledBytes
{
    /// <summary>Exchanges an array for one of at least <paramref name="needed"/> bytes, and twice as large as it was.</summary>
    /// <param name="bytes">The array; it may be empty, and then is not the pool's.</param>
    /// <param name="used">How many bytes are kept.</param>
    /// <param name="needed">How many there must be room for.</param>
    public static void Grow(ref byte[] bytes, int used, int needed)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, bytes.Length * 2));
        bytes.AsSpan(0, used).CopyTo(larger);
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }

        bytes = larger;
    }
}
