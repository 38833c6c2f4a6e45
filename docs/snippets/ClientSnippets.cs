using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Sluice.Client;

namespace Sluice.Snippets;

public static class ClientSnippets
{
    public static async Task LinesAsync(StreamSocket socket, CancellationToken cancellationToken)
    {
        // <requests-lines>
        await using RequestChannel<string, string> channel = RequestChannel.Create(
            socket.OpenConnection(), FrameEncoder.Lines(), FrameDecoder.Lines());

        string reply = await channel.SendAsync("NOOP", cancellationToken);                  // from any number of threads
        // </requests-lines>
        Console.WriteLine(reply);
    }

    public static async Task RetryAsync(RequestChannel<string, string> channel, Func<ValueTask> reconnectAsync)
    {
        // <requests-failure>
        try
        {
            await channel.SendAsync("APPEND 1");
        }
        catch (RequestException exception) when (exception.Delivery == RequestDelivery.NotSent)
        {
            await reconnectAsync();                                                         // safe to send again
        }
        // </requests-failure>
    }

    public static async Task PushesAsync(RequestChannel<Message, Message> channel, CancellationToken cancellationToken)
    {
        // <requests-pushes>
        await foreach (Message message in channel.Pushes.ReadAllAsync(cancellationToken))
        {
            Console.WriteLine(message.Text);
        }
        // </requests-pushes>
    }

    // <requests-message>
    public sealed record Message(long Id, string Text);

    public sealed class MessageProtocol : IMultiplexedProtocol<Message, Message>
    {
        public long MaxBuffered => 1024 * 1024;

        public long MaxId => uint.MaxValue;

        public void Encode(Message request, long id, IBufferWriter<byte> output)
        {
            int length = Encoding.UTF8.GetByteCount(request.Text);
            Span<byte> bytes = output.GetSpan(8 + length);
            BinaryPrimitives.WriteInt32BigEndian(bytes, length);
            BinaryPrimitives.WriteUInt32BigEndian(bytes[4..], (uint)id);
            Encoding.UTF8.GetBytes(request.Text, bytes[8..]);
            output.Advance(8 + length);
        }

        public bool TryDecode(in FrameInput input, out Message frame, out long consumed)
        {
            var reader = new SequenceReader<byte>(input.Buffered);
            if (!reader.TryReadBigEndian(out int length) || !reader.TryReadBigEndian(out int id) || reader.Remaining < length)
            {
                (frame, consumed) = (null!, 0);
                return false;
            }

            frame = new Message((uint)id, Encoding.UTF8.GetString(reader.UnreadSequence.Slice(0, length)));
            consumed = 8 + length;
            return true;
        }

        public bool TryGetId(Message message, out long id)
        {
            id = message.Id;
            return id != 0;                                                                 // the peer's own messages have no id
        }
    }
    // </requests-message>
}
