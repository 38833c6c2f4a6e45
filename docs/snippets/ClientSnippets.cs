using System.Buffers;
using System.Buffers.Binary;
using System.Net;
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

    public static async Task ReconnectAsync(SelectorManager selector, IEnumerable<EndPoint> endPoints, CancellationToken cancellationToken)
    {
        // <reconnecting-channel>
        await using var connection = ReconnectingConnection.Create(
            selector.Tcp(),
            endPoints,                                                                      // the preferred one first
            async (opened, token) =>
            {
                await opened.Output.WriteLineAsync("HELLO client", token);                  // the handshake
                string? greeting = await opened.Input.ReadLineAsync(token);
                return greeting == "OK"
                    ? RequestChannel.Create(opened, FrameEncoder.Lines(), FrameDecoder.Lines())
                    : throw new InvalidDataException($"Refused: {greeting}");
            },
            new ReconnectOptions<RequestChannel<string, string>>
            {
                Heartbeat = async (channel, token) => await channel.SendAsync("PING", token),
                OnStateChanged = change => Console.WriteLine($"{change.State} {change.EndPoint} {change.Cause?.Message}"),
            });

        string reply = await connection.SendAsync("TIME", cancellationToken: cancellationToken);    // waits for a connection
        // </reconnecting-channel>
        Console.WriteLine(reply);
    }

    public static async Task HandlerAsync(SelectorManager selector, IEnumerable<EndPoint> endPoints, Func<string, Task> handleAsync, CancellationToken cancellationToken)
    {
        // <reconnecting-handler>
        await using var subscription = ReconnectingConnection.Create(
            selector.Tcp(),
            endPoints,
            (opened, _) => ValueTask.FromResult(ConnectionSession.Start(opened, async (connection, token) =>
            {
                await connection.Output.WriteLineAsync("SUBSCRIBE", token);
                await foreach (string line in connection.Input.ReadLinesAsync(cancellationToken: token))
                {
                    await handleAsync(line);
                }
            })));
        // </reconnecting-handler>
        await Task.Delay(Timeout.Infinite, cancellationToken);
    }

    public static async Task PoolAsync(SelectorManager selector, EndPoint endPoint, CancellationToken cancellationToken)
    {
        // <pools-rent>
        await using var pool = new ConnectionPool<Connection>(
            async token => (await selector.Tcp().ConnectAsync(endPoint, cancellationToken: token)).OpenConnection(),
            new ConnectionPoolOptions<Connection> { MaxConnections = 16, EndPoint = endPoint });

        await using (PooledConnection<Connection> rented = await pool.RentAsync(cancellationToken))
        {
            try
            {
                await rented.Connection.Output.WriteLineAsync("QUERY", cancellationToken);
                string? answer = await rented.Connection.Input.ReadLineAsync(cancellationToken);
                Console.WriteLine(answer);
            }
            catch
            {
                rented.Invalidate();                                                        // the answer may still come: the next caller must not get it
                throw;
            }
        }
        // </pools-rent>
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
