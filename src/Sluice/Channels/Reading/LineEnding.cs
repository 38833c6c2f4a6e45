namespace Sluice;

/// <summary>Specifies what ends a line.</summary>
public enum LineEnding
{
    /// <summary>LF, or CR LF. A CR elsewhere is part of the line.</summary>
    Default,

    /// <summary>LF, CR LF or CR alone. A CR ends the line at once, without waiting for the byte after it.</summary>
    Lenient,
}
