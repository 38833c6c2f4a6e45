namespace Sluice.Channels.Buffers;

/// <summary>The number of bytes that a user's stream says it has read.</summary>
internal static class ReadCount
{
    /// <summary>Checks the number: with a wrong one, memory would count as read that the stream has not written, and holds what another connection left there.</summary>
    /// <exception cref="IOException">The number is not between 0 and <paramref name="room"/>.</exception>
    public static void ThrowIfImpossible(int count, int room)
    {
        if ((uint)count > (uint)room)
        {
            throw new IOException($"The stream says that it has read {count} bytes into memory for {room}.");
        }
    }
}
