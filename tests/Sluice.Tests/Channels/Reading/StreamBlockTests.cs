using System.Buffers;
using System.Runtime.InteropServices;

namespace Sluice.Tests.Channels.Reading;

/// <summary>The block that a read of a stream fills after its channel was closed.</summary>
[Parallelizable]
public sealed class StreamBlockTests
{
    [TestCase(false, false)]
    [TestCase(false, true)]
    [TestCase(true, false)]
    [TestCase(true, true)]
    public async Task It_returns_once_the_read_has_ended_and_the_channel_is_closed(bool closedFirst, bool fails)
    {
        var stream = new HeldStream();
        ByteReadChannel input = stream.AsByteReadChannel();
        using var cancellation = new CancellationTokenSource();
        Task<int> reading = input.ReadAsync(new byte[10], cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => reading.Soon());

        // The block returns on the thread that does the last step, whose next rent of that size gets it.
        bool isReturned = await Task.Run(() =>
        {
            if (closedFirst)
            {
                input.Cancel();
                stream.End(fails);
            }
            else
            {
                stream.End(fails);
                input.Cancel();
            }

            byte[] block = stream.Block;
            byte[] rented = ArrayPool<byte>.Shared.Rent(block.Length);
            ArrayPool<byte>.Shared.Return(rented);
            return ReferenceEquals(rented, block);
        });
        Assert.That(isReturned, Is.True);
    }

    private sealed class HeldStream : MemoryStream
    {
        private readonly TaskCompletionSource<int> _read = new();

        public byte[] Block { get; private set; } = [];

        public void End(bool fails)
        {
            if (fails)
            {
                _read.SetException(new IOException("late"));
            }
            else
            {
                _read.SetResult(3);
            }
        }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Block = MemoryMarshal.TryGetArray<byte>(buffer, out ArraySegment<byte> array) ? array.Array! : [];
            return new ValueTask<int>(_read.Task);
        }
    }
}
