namespace Sluice.Cli.Bench;

/// <summary>The bytes to send, and the bytes to expect back.</summary>
internal sealed class Messages
{
    // How many messages that are due at the same time are sent at once.
    private const int MaxBatch = 16;

    public Messages(BenchSettings settings)
    {
        Size = settings.Size;
        Depth = settings.MessageRate is null ? settings.Depth : MaxBatch;
        int longest = settings.Size * Depth;
        if (settings.AreLines)
        {
            Sent = Cycle.OfLines(Size - 1, "\n"u8, longest);
            SentWithReturns = Cycle.OfLines(Size - 1, "\r\n"u8, longest);
        }
        else
        {
            Sent = Cycle.OfBytes(longest);
        }
    }

    /// <summary>The size of a message in bytes.</summary>
    public int Size { get; }

    /// <summary>The most messages that are sent at once.</summary>
    public int Depth { get; }

    public Cycle Sent { get; }

    /// <summary>The same lines, ended by CR LF; null if messages are not lines.</summary>
    public Cycle? SentWithReturns { get; }
}
