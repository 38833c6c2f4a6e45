using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>What one read looks for in the buffer. A struct, so that each read is compiled as if it were written out.</summary>
internal interface IReadStep<T>
{
    /// <summary>
    /// Looks at what is there; called again when there is more, or nothing more comes. What it says in <paramref name="taking"/> is done
    /// whether or not it has found what it looks for.
    /// </summary>
    /// <exception cref="EndOfStreamException">Nothing more comes, and it was not enough.</exception>
    bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out T result);
}
