using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Bytes where they are.</summary>
internal readonly struct SequenceForm : IBytesForm<ReadOnlySequence<byte>?>
{
    public static bool IsView => true;

    public ReadOnlySequence<byte>? Take(in ReadOnlySequence<byte> bytes, long length) => bytes.Slice(0, length);
}
