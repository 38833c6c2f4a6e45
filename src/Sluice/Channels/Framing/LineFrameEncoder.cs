using System.Buffers;
using System.Text;

namespace Sluice.Channels.Framing;

/// <summary>Frames that are lines.</summary>
internal sealed class LineFrameEncoder(Encoding encoding, string newLine) : IFrameEncoder<string>
{
    private readonly byte[] _ending = encoding.GetBytes(newLine);

    public void Encode(string frame, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("The line contains an ending: it would be taken for more than one.", nameof(frame));
        }

        encoding.GetBytes(frame, output);
        output.Write(_ending);
    }
}
