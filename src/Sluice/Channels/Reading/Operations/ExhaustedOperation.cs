using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Whether the end comes next.</summary>
internal readonly struct ExhaustedOperation : IReadOperation<bool>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
    {
        result = buffered.IsEmpty;
        return !result || context.Ended;
    }
}
