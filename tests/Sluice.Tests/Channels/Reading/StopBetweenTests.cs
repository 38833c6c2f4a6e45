using Sluice.Channels.Buffers;
using Sluice.Channels.Reading;
using Sluice.Scheduling;

namespace Sluice.Tests.Channels.Reading;

/// <summary>A server that stops, and a request that comes, between a receive that finds nothing and the wait after it.</summary>
public sealed class StopBetweenTests
{
    [TestCase("line")]
    [TestCase("bytes")]
    [TestCase("exactly")]
    [TestCase("peek")]
    [TestCase("slice")]
    [TestCase("pipe")]
    public async Task The_request_is_read_and_then_no_more(string how)
    {
        using var stop = new CancellationTokenSource();
        var source = new LateSource("last\n"u8.ToArray(), stop.Cancel);
        var input = new ByteReadChannel(source, pool: null) { Stopping = stop.Token };

        Assert.That(await ReadAsync(input, how, stop.Token).Soon(), Is.EqualTo(5));

        Assert.CatchAsync<OperationCanceledException>(() => input.ReadLineAsync(stop.Token).AsTask().Soon());
        Assert.That(source.Receives, Is.LessThanOrEqualTo(4));
    }

    private static async Task<long> ReadAsync(ByteReadChannel input, string how, CancellationToken stopping)
    {
        switch (how)
        {
            case "line":
                return (await input.ReadLineAsync(stopping))!.Length + 1;
            case "bytes":
                return await input.ReadAsync(new byte[10], stopping);
            case "exactly":
                byte[] bytes = new byte[5];
                await input.ReadExactlyAsync(bytes, stopping);
                return bytes.Length;
            case "peek":
                long length = (await input.PeekAsync(5, stopping)).Length;
                await input.SkipExactlyAsync(length, stopping);
                return length;
            case "slice":
                return (await input.AsCounted().ReadLineAsync(stopping))!.Length + 1;
            default:
                System.IO.Pipelines.ReadResult result = await input.AsPipeReader().ReadAsync(stopping);
                input.AsPipeReader().AdvanceTo(result.Buffer.End);
                return result.Buffer.Length;
        }
    }

    /// <summary>Calls <paramref name="onNothing"/> when its first receive has found nothing, and has <paramref name="bytes"/> from then on.</summary>
    private sealed class LateSource(byte[] bytes, Action onNothing) : IByteSource
    {
        private readonly ReadinessEvent _readable = new(ThreadPoolScheduler.Instance);
        private bool _taken;

        public int Receives { get; private set; }

        public bool IsSignallable => true;

        public int TryReceive(SegmentQueue into)
        {
            int count = TryReceive(into.Lease(bytes.Length).Span);
            into.EndLease(Math.Max(count, 0));
            return count;
        }

        public int TryReceive(Span<byte> destination)
        {
            if (++Receives == 1)
            {
                onNothing();
                return IByteSource.WouldBlock;
            }

            if (_taken)
            {
                return IByteSource.WouldBlock;
            }

            _taken = true;
            bytes.CopyTo(destination);
            return bytes.Length;
        }

        public PooledTask<WaitOutcome> WaitReadableAsync(CancellationToken cancellationToken) => _readable.Wait(cancellationToken);

        public Exception ReadFailure(WaitOutcome outcome) => new IOException($"{outcome}");

        public void InterruptRead() => _readable.Interrupt();

        public void SignalReadable() => _readable.Set();
    }
}
