using System.Buffers;
using System.Text;

namespace Sluice.Client.Tests;

/// <summary>Lines, answered in their order. A line that begins with '>' is a push; "boom" makes the decoder throw.</summary>
internal sealed class LineProtocol : IPipelinedProtocol<string, string>
{
    public long MaxBuffered => 100_000;

    public void Encode(string frame, IBufferWriter<byte> output)
    {
        if (frame == "unencodable")
        {
            throw new FormatException("unencodable");
        }

        output.Write(Encoding.UTF8.GetBytes(frame + "\n"));
    }

    public bool TryDecode(in FrameInput input, out string frame, out long consumed)
    {
        frame = "";
        consumed = 0;
        if (input.Buffered.PositionOf((byte)'\n') is not { } end)
        {
            return false;
        }

        ReadOnlySequence<byte> line = input.Buffered.Slice(0, end);
        frame = Encoding.UTF8.GetString(line);
        consumed = line.Length + 1;
        return frame == "boom" ? throw new FormatException("boom") : true;
    }

    public bool IsPush(string message) => message.StartsWith('>');
}
