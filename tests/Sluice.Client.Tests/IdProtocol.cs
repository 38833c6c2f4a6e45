using System.Buffers;
using System.Globalization;

namespace Sluice.Client.Tests;

/// <summary>Lines of an id and a text. A line that begins with '>' is a push.</summary>
internal sealed class IdProtocol(long maxId = int.MaxValue) : IMultiplexedProtocol<string, string>
{
    private readonly LineProtocol _lines = new();

    public long MaxBuffered => _lines.MaxBuffered;

    public long MaxId => maxId;

    public static string TextOf(string line) => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    public void Encode(string request, long id, IBufferWriter<byte> output) => _lines.Encode($"{id} {request}", output);

    public bool TryDecode(in FrameInput input, out string frame, out long consumed) => _lines.TryDecode(input, out frame, out consumed);

    public bool TryGetId(string message, out long id)
    {
        id = 0;
        return !message.StartsWith('>')
            && (long.TryParse(message.AsSpan(0, message.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture, out id)
                ? true
                : throw new FormatException("no id"));
    }
}
