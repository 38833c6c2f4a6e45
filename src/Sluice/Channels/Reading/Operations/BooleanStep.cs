using System.Buffers;

namespace Sluice.Channels.Reading;

/// <summary>A byte as a truth value.</summary>
internal readonly struct BooleanStep : IReadStep<bool>
{
    public bool TryTake(in ReadOnlySequence<byte> buffered, ref Taking taking, out bool result)
    {
        bool there = default(NumberStep<byte>).TryTake(buffered, ref taking, out byte value);
        result = value != 0;
        return there;
    }
}
