namespace Sluice.Cli.Output;

/// <summary>The terminal of this process.</summary>
internal sealed class SystemTerminal : ITerminal
{
    private readonly Stream _output = Console.OpenStandardOutput();

    /// <summary>
    /// Gets a value indicating whether a terminal of this process takes control sequences. One that is called dumb, such as that of a shell inside an editor or of
    /// a build server, shows them as text.
    /// </summary>
    public static bool TakesSequences { get; } = OperatingSystem.IsWindows()
        ? Environment.GetEnvironmentVariable("TERM") != "dumb"
        : Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");

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
