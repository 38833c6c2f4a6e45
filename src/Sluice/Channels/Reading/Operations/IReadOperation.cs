using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>What one read looks for in the buffer. A struct, so that each read is compiled as if it were written out.</summary>
internal interface IReadOperation<T>
{
    /// <summary>
    /// Looks at what is there; called again when there is more, or nothing more comes. What it says in <paramref name="context"/> is done
    /// whether or not it has found what it looks for.
    /// </summary>
    /// <exception cref="EndOfStreamException">Nothing more comes, and it was not enough.</exception>
    bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T result);
}
