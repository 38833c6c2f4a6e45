namespace Sluice.Cli.Connect;

/// <summary>Says how the input is sent.</summary>
internal enum InputForm
{
    /// <summary>Byte for byte.</summary>
    Bytes,

    /// <summary>Byte for byte, but that lines end with CR LF.</summary>
    ConvertedBytes,

    /// <summary>As lines that are typed at a terminal.</summary>
    TypedLines,
}
