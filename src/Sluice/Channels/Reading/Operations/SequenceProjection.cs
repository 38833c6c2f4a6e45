using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Projects bytes to a view of them.</summary>
internal readonly struct SequenceProjection : IBytesProjection<ReadOnlySequence<byte>?>
{
    public static bool IsView => true;

    public ReadOnlySequence<byte>? Project(in ReadOnlySequence<byte> bytes) => bytes;
}
