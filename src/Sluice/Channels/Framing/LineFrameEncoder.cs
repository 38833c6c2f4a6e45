using System.Buffers;
using System.Text;

namespace Sluice.Channels.Framing;

/// <summary>Encodes lines.</summary>
internal sealed class LineFrameEncoder(Encoding encoding, string newLine) : IFrameEncoder<string>
{
    private readonly byte[] _ending = encoding.GetBytes(newLine);

    public void Encode(string frame, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.AsSpan().ContainsAny('\r', '\n'))
        {
            throw new ArgumentException("The line contains a line ending: the other side would read more than one line.", nameof(frame));
        }

        encoding.GetBytes(frame, output);
        output.Write(_ending);
    }
}
