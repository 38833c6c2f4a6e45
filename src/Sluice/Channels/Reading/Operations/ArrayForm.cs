using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Bytes as an array of their own.</summary>
internal readonly struct ArrayForm : IBytesForm<byte[]>
{
    public static bool IsView => false;

    public byte[] Take(in ReadOnlySequence<byte> bytes, long length) => bytes.Slice(0, length).ToArray();
}
