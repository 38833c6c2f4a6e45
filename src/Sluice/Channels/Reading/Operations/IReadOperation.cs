using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Finds the result of one read in the buffer. A struct, so that the JIT compiler specializes the read for it.</summary>
internal interface IReadOperation<T>
{
    /// <summary>
    /// Looks at the buffer. Called again when more bytes have come, or the stream has ended. The channel does what <paramref name="context"/> says
    /// after every call, with a result or without.
    /// </summary>
    /// <exception cref="EndOfStreamException">The stream has ended before the result was complete.</exception>
    bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out T result);
}
