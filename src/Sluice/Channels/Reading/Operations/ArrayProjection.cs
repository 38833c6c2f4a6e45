using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Projects bytes to a new array.</summary>
internal readonly struct ArrayProjection : IBytesProjection<byte[]>
{
    public static bool IsView => false;

    public byte[] Project(in ReadOnlySequence<byte> bytes) => bytes.ToArray();
}
