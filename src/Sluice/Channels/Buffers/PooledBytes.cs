using System.Buffers;

namespace Sluice.Channels.Buffers;

/// <summary>Grows arrays of the shared pool.</summary>
internal static class PooledBytes
{
    /// <summary>Replaces an array by one of at least <paramref name="needed"/> bytes and of at least twice the length.</summary>
    /// <param name="bytes">The array. An empty one is not of the pool.</param>
    /// <param name="used">The number of bytes to keep.</param>
    /// <param name="needed">The number of bytes that the new array has to hold.</param>
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
