namespace Sluice.Cli.Output;

/// <summary>A terminal that gives single keys and takes control sequences.</summary>
internal interface ITerminal
{
    /// <summary>Gets the number of cells of a row.</summary>
    int Width { get; }

    /// <summary>Gets the number of rows.</summary>
    int Height { get; }

    /// <summary>Waits for a key, which is not shown.</summary>
    ConsoleKeyInfo ReadKey();

    void Write(ReadOnlySpan<byte> bytes);
}
