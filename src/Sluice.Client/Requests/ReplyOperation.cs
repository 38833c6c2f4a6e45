using System.Buffers;
using Sluice.Channels.Reading.Operations;

namespace Sluice.Client.Requests;

/// <summary>Decodes all messages that are complete; false at the end of the stream.</summary>
internal readonly struct ReplyOperation<TRequest, TReply>(ReplyReader<TRequest, TReply> reader) : IReadOperation<bool>
{
    public bool TryParse(in ReadOnlySequence<byte> buffered, ref ReadContext context, out bool result)
    {
        if (buffered.IsEmpty)
        {
            result = false;
            return context.Ended;
        }

        context.Consumed = reader.Decode(buffered, context.Position, context.Ended);
        result = context.Consumed > 0;
        return result;
    }
}
