namespace Sluice.Tests.Channels.Reading;

/// <summary>What a read allocates: alone, as what other tests compile keeps the runtime from compiling the read for good.</summary>
[TestFixture]
public sealed class ReadAllocationTests
{
    private static IEnumerable<ReadOperation> Synchronous => ReadOperations.All.Where(operation =>
        operation.Name is not ("ReadToEndAsync" or "ReadFramesAsync" or "the stream"));

    [TestCaseSource(nameof(Synchronous))]
    public void A_read_that_need_not_wait_allocates_what_it_returns_and_no_more(object given)
    {
        var operation = (ReadOperation)given;
        const int reads = 2000;
        ByteReadChannel input = ByteReadChannel.FromBytes(Enumerable.Repeat(operation.Given, reads * 6).SelectMany(bytes => bytes).ToArray());
        long least = long.MaxValue;
        for (int attempt = 0; attempt < 5; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < reads; i++)
            {
                operation.Now(input);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least / (double)reads, Is.EqualTo(operation.Allocates).Within(0.1));
    }
}
