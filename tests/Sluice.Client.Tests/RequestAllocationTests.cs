using System.Buffers;
using System.Buffers.Binary;

namespace Sluice.Client.Tests;

/// <summary>A request allocates nothing, with many callers at once. Measures the whole process, and so runs alone.</summary>
[NonParallelizable]
public sealed class RequestAllocationTests(SelectorEngine engine) : BothEngines(engine)
{
    private const int Callers = 32;
    private const int Requests = 2000;

    // Code that is not optimized allocates the state of each read, which the callers of one receive share. A request that allocated anything would exceed this.
    private const double Limit = 6;

    [Test]
    public Task A_pipelined_request_allocates_nothing() => CheckAsync(connection => RequestChannel.Create(connection, new ByteProtocol()));

    [Test]
    public Task A_multiplexed_request_allocates_nothing() => CheckAsync(connection => RequestChannel.Create(connection, new NumberProtocol()));

    private async Task CheckAsync(Func<Connection, RequestChannel<int, int>> create)
    {
        (Connection client, Connection server) = await ConnectPairAsync();
        await using RequestChannel<int, int> channel = create(client);
        Task echoing = server.Input.CopyToAsync(server.Output).AsTask();
        using var never = new CancellationTokenSource();
        double least = await ProcessAllocations.LeastPerMessageAsync(Limit, Callers * Requests, () => Task.WhenAll(Enumerable.Range(0, Callers).Select(async caller =>
        {
            for (int i = 0; i < Requests; i++)
            {
                int reply = await channel.SendAsync(caller, never.Token).ConfigureAwait(false);
                if (reply != caller)
                {
                    throw new InvalidDataException($"{reply} instead of {caller}");
                }
            }
        })));
        Assert.That(least, Is.LessThan(Limit));
        await channel.DisposeAsync().Soon();
        await echoing.OutcomeAsync();
    }

    private sealed class ByteProtocol : IPipelinedProtocol<int, int>
    {
        public long MaxBuffered => 1;

        public void Encode(int frame, IBufferWriter<byte> output)
        {
            output.GetSpan(1)[0] = (byte)frame;
            output.Advance(1);
        }

        public bool TryDecode(in FrameInput input, out int frame, out long consumed)
        {
            frame = input.Buffered.FirstSpan[0];
            consumed = 1;
            return true;
        }
    }

    private sealed class NumberProtocol : IMultiplexedProtocol<int, int>
    {
        private int _id;

        public long MaxBuffered => 5;

        public void Encode(int request, long id, IBufferWriter<byte> output)
        {
            Span<byte> span = output.GetSpan(5);
            BinaryPrimitives.WriteInt32BigEndian(span, (int)id);
            span[4] = (byte)request;
            output.Advance(5);
        }

        public bool TryDecode(in FrameInput input, out int frame, out long consumed)
        {
            Span<byte> bytes = stackalloc byte[5];
            frame = 0;
            consumed = 5;
            if (input.Buffered.Length < 5)
            {
                return false;
            }

            input.Buffered.Slice(0, 5).CopyTo(bytes);
            _id = BinaryPrimitives.ReadInt32BigEndian(bytes);
            frame = bytes[4];
            return true;
        }

        public bool TryGetId(int message, out long id)
        {
            id = _id;
            return true;
        }
    }
}
