namespace Sluice.Cli.Bench;

/// <summary>What is sent, and what has to come back.</summary>
internal sealed class Messages
{
    private readonly Cycle? _withReturns;

    public Messages(BenchSettings settings)
    {
        Size = settings.Size;
        int longest = settings.Size * settings.Depth;
        if (settings.Lines)
        {
            Sent = Cycle.OfLines(Size - 1, "\n"u8, longest);
            _withReturns = Cycle.OfLines(Size - 1, "\r\n"u8, longest);
        }
        else
        {
            Sent = Cycle.OfBytes(longest);
        }
    }

    /// <summary>Bytes of a message that is sent.</summary>
    public int Size { get; }

    public Cycle Sent { get; }

    /// <summary>What comes back, and how many bytes a message, of a server whose first <see cref="Size"/> bytes are these.</summary>
    public (Cycle Answers, int Size) Recognize(ReadOnlySpan<byte> first) =>
        _withReturns is not null && first[^1] == '\r' ? (_withReturns, Size + 1) : (Sent, Size);
}
