using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Turns the bytes that a read has found into its result.</summary>
internal interface IBytesProjection<T>
{
    /// <summary>Gets a value indicating whether the result is a view of the bytes.</summary>
    static abstract bool IsView { get; }

    /// <summary>Gets a value indicating whether the result goes to a destination of the caller's.</summary>
    static virtual bool IsPassedOn => false;

    /// <summary>Creates the result from all of <paramref name="bytes"/>.</summary>
    T Project(in ReadOnlySequence<byte> bytes);
}
