namespace Sluice.Cli.Bench;

/// <summary>What is sent, and what may come back.</summary>
internal sealed class Messages
{
    public Messages(BenchSettings settings)
    {
        Size = settings.Size;
        int longest = settings.Size * settings.Depth;
        if (settings.Lines)
        {
            Sent = Cycle.OfLines(Size - 1, "\n"u8, longest);
            SentWithReturns = Cycle.OfLines(Size - 1, "\r\n"u8, longest);
        }
        else
        {
            Sent = Cycle.OfBytes(longest);
        }
    }

    /// <summary>Bytes of a message that is sent.</summary>
    public int Size { get; }

    public Cycle Sent { get; }

    /// <summary>If lines are sent: the same with CR LF.</summary>
    public Cycle? SentWithReturns { get; }
}
