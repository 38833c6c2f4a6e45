namespace Sluice.Cli.Output;

/// <summary>The terminal of this process.</summary>
internal sealed class SystemTerminal : ITerminal
{
    private readonly Stream _output = Console.OpenStandardOutput();

    // A terminal that says nothing, such as one of a test, has none.
    public int Width => Console.WindowWidth is > 0 and var width ? width : 80;

    public int Height => Console.WindowHeight is > 0 and var height ? height : 24;

    public ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _output.Flush();
    }
}
