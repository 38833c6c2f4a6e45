using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Text;
using Sluice;
using Sluice.Client;

namespace DnsClient;

/// <summary>DNS over TCP: messages behind their length, with an id that the answer repeats (RFC 1035, 4).</summary>
internal sealed class DnsProtocol : IMultiplexedProtocol<DnsQuestion, DnsReply>
{
    private const int HeaderSize = 12;

    private static readonly IFrameDecoder<ReadOnlySequence<byte>> s_frames = FrameDecoder.LengthPrefixed(new LengthPrefix(2), ushort.MaxValue);

    public long MaxBuffered => s_frames.MaxBuffered;

    public long MaxId => ushort.MaxValue;

    public void Encode(DnsQuestion request, long id, IBufferWriter<byte> output)
    {
        string[] labels = request.Name.TrimEnd('.').Split('.');
        if (labels.Any(label => label.Length is < 1 or > 63) || request.Name.Length > 253)
        {
            throw new ArgumentException($"'{request.Name}' is no name of a host.");
        }

        int size = HeaderSize + labels.Sum(label => 1 + label.Length) + 1 + 4;
        Span<byte> bytes = output.GetSpan(2 + size)[..(2 + size)];
        bytes.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)size);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)id);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], 0x0100);      // recursion desired
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], 1);           // one question
        Span<byte> rest = bytes[(2 + HeaderSize)..];
        foreach (string label in labels)
        {
            rest[0] = (byte)label.Length;
            Encoding.ASCII.GetBytes(label, rest[1..]);
            rest = rest[(1 + label.Length)..];
        }

        BinaryPrimitives.WriteUInt16BigEndian(rest[1..], (ushort)(request.IsIPv6 ? 28 : 1));
        BinaryPrimitives.WriteUInt16BigEndian(rest[3..], 1);            // class IN
        output.Advance(bytes.Length);
    }

    public bool TryDecode(in FrameInput input, out DnsReply frame, out long consumed)
    {
        bool isComplete = s_frames.TryDecode(input, out ReadOnlySequence<byte> message, out consumed);
        frame = isComplete ? Parse(message.ToArray()) : default;
        return isComplete;
    }

    public bool TryGetId(DnsReply message, out long id)
    {
        id = message.Id;
        return true;
    }

    private static DnsReply Parse(byte[] message)
    {
        try
        {
            ushort Number(int position) => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(position));
            int at = HeaderSize;
            for (int i = Number(4); i > 0; i--)
            {
                at = SkipName(message, at) + 4;
            }

            var addresses = new List<IPAddress>();
            for (int i = Number(6); i > 0; i--)
            {
                at = SkipName(message, at);
                int length = Number(at + 8);
                if ((Number(at), length) is (1, 4) or (28, 16))
                {
                    addresses.Add(new IPAddress(message.AsSpan(at + 10, length)));
                }

                at += 10 + length;
            }

            return new DnsReply(Number(0), message[3] & 15, [.. addresses]);
        }
        catch (Exception exception) when (exception is ArgumentOutOfRangeException or IndexOutOfRangeException)
        {
            throw new InvalidDataException("The answer is cut short.", exception);
        }
    }

    // A name ends with an empty label, or with a pointer to the rest of it (RFC 1035, 4.1.4).
    private static int SkipName(byte[] message, int at)
    {
        while (message[at] is not 0 and < 0xC0)
        {
            at += 1 + message[at];
        }

        return at + (message[at] == 0 ? 1 : 2);
    }
}
