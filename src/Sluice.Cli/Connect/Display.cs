using Sluice.Cli.Output;

namespace Sluice.Cli.Connect;

/// <summary>Shows what is received, and reads the lines that are typed.</summary>
internal abstract class Display : IDisposable
{
    public static Display Create(ConnectSettings settings)
    {
        if (settings.Hex)
        {
            return new HexDisplay(StandardOutput.Open());
        }

        return StandardStreams.IsInputRedirected || Console.IsOutputRedirected || !SystemTerminal.TakesSequences ? new PlainDisplay() : new TerminalDisplay(new SystemTerminal());
    }

    /// <summary>Shows received bytes.</summary>
    public abstract ValueTask ReceivedAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Shows sent bytes, if the display shows them at all.</summary>
    public virtual ValueTask SentAsync(ReadOnlyMemory<byte> bytes) => ValueTask.CompletedTask;

    /// <summary>Reads a line of the input. Returns null at its end.</summary>
    public virtual string? ReadLine() => Console.In.ReadLine();

    public virtual void Dispose() => GC.SuppressFinalize(this);
}
