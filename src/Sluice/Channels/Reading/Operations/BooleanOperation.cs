using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>A byte as a truth value.</summary>
internal readonly struct BooleanOperation : IReadOperation<bool>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
    {
        bool there = default(NumberOperation<byte>).TryParse(buffered, ref context, out byte value);
        result = value != 0;
        return there;
    }
}
