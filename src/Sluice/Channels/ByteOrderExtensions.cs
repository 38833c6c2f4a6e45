namespace Sluice.Channels;

internal static class ByteOrderExtensions
{
    /// <summary>Whether this machine has its numbers the other way round.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no order.</exception>
    public static bool IsForeign(this ByteOrder order) => order switch
    {
        ByteOrder.BigEndian => BitConverter.IsLittleEndian,
        ByteOrder.LittleEndian => !BitConverter.IsLittleEndian,
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
