namespace Sluice.Cli.Bench;

/// <summary>The bytes to send, and the bytes to expect back.</summary>
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

    /// <summary>The size of a message in bytes.</summary>
    public int Size { get; }

    public Cycle Sent { get; }

    /// <summary>The same lines, ended by CR LF; null if messages are not lines.</summary>
    public Cycle? SentWithReturns { get; }
}
