namespace Sluice;

/// <summary>Specifies what ends a line.</summary>
public enum LineEnding
{
    /// <summary>LF, or CR LF. A CR elsewhere is part of the line.</summary>
    Default,

    /// <summary>
    /// LF, CR LF or CR alone. A CR ends the line at once, without waiting for the byte after it. If that is an LF, it belongs to the line all the same,
    /// whichever channel reads next: the channel that has read the line counts it.
    /// </summary>
    Lenient,
}
