namespace Sluice;

/// <summary>In which order the bytes of a number stand.</summary>
public enum ByteOrder
{
    /// <summary>The most significant byte first, as the Internet's protocols have it.</summary>
    BigEndian,

    /// <summary>The least significant byte first.</summary>
    LittleEndian,
}
