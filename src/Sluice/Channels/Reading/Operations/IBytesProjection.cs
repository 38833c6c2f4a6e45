using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>What becomes of the bytes that a read has found.</summary>
internal interface IBytesProjection<T>
{
    /// <summary>Whether the result shows the bytes themselves.</summary>
    static abstract bool IsView { get; }

    /// <summary>Makes it of so many bytes at the front.</summary>
    T Project(in ReadOnlySequence<byte> bytes, long length);
}
