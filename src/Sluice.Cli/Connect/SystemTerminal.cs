namespace Sluice.Cli.Connect;

/// <summary>The terminal of this process.</summary>
internal sealed class SystemTerminal : ITerminal
{
    private readonly Stream _output = Console.OpenStandardOutput();

    public ConsoleKeyInfo ReadKey() => Console.ReadKey(intercept: true);

    public void Write(ReadOnlySpan<byte> bytes)
    {
        _output.Write(bytes);
        _output.Flush();
    }
}
