namespace Sluice.Tests.Channels.Writing;

/// <summary>What a write allocates: alone, as what other tests compile keeps the runtime from compiling the write for good.</summary>
[TestFixture]
public sealed class WriteAllocationTests
{
    private static IEnumerable<WriteOperation> Synchronous => WriteOperations.All.Where(operation => !operation.Name.StartsWith("the ", StringComparison.Ordinal));

    [TestCaseSource(nameof(Synchronous))]
    public void A_write_that_need_not_wait_allocates_nothing(object given)
    {
        var operation = (WriteOperation)given;
        var channel = new ByteChannel(new ByteChannelOptions { Capacity = 1 });
        ByteWriteChannel output = channel.Writer;
        const int writes = 500;
        byte[] drain = new byte[4096];
        long least = long.MaxValue;

        // A value type is boxed until the runtime has compiled the operation for good.
        for (long started = Environment.TickCount64; least >= writes && Environment.TickCount64 - started < Waiting.Patience.TotalMilliseconds;)
        {
            long allocated = 0;
            for (int i = 0; i < writes; i++)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                ValueTask write = operation.Run(output, CancellationToken.None);
                allocated += GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.That(write.IsCompletedSuccessfully, Is.True);
                while (channel.Reader.TryRead(drain, out _))
                {
                }
            }

            least = Math.Min(least, allocated);
        }

        Assert.That(least / (double)writes, Is.LessThan(1));
    }
}
