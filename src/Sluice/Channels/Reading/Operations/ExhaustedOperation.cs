using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Determines whether the stream has no more bytes.</summary>
internal readonly struct ExhaustedOperation : IReadOperation<bool>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
    {
        result = buffered.IsEmpty;
        return !result || context.Ended;
    }
}
