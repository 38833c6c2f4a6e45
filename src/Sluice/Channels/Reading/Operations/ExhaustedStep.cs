using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>Whether the end comes next.</summary>
internal readonly struct ExhaustedStep : IReadStep<bool>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out bool result)
    {
        result = buffered.IsEmpty;
        return !result || taking.Ended;
    }
}
