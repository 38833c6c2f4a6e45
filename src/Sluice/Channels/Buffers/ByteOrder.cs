namespace Sluice;

/// <summary>Specifies the order of the bytes of a number.</summary>
public enum ByteOrder
{
    /// <summary>The most significant byte first, as in most Internet protocols.</summary>
    BigEndian,

    /// <summary>The least significant byte first.</summary>
    LittleEndian,
}
