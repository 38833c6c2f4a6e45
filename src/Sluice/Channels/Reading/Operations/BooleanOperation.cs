using System.Buffers;

namespace Sluice.Channels.Reading.Operations;

/// <summary>Reads a byte as a Boolean value.</summary>
internal readonly struct BooleanOperation : IReadOperation<bool>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
    {
        bool there = default(NumberOperation<byte>).TryParse(buffered, ref context, out byte value);
        result = value != 0;
        return there;
    }
}
