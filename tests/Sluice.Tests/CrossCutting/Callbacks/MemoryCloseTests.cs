namespace Sluice.Tests.CrossCutting.Callbacks;

/// <summary>A clock of the user's in the close of a connection in memory.</summary>
[Parallelizable]
public sealed class MemoryCloseTests
{
    [Test]
    public async Task A_clock_that_blocks_in_a_close_holds_up_no_other_call()
    {
        using var asked = new ManualResetEventSlim();
        using var answer = new ManualResetEventSlim();
        var time = new UserTime(_ =>
        {
            asked.Set();
            answer.Wait();
        });
        (Connection first, Connection second) = ByteChannel.CreateConnectedPair(new ByteChannelOptions { Capacity = 1, TimeProvider = time });
        await first.Output.WriteAsync(new byte[100]).Soon();
        Task closing = Task.Run(() => first.CloseAsync().AsTask());
        try
        {
            await Task.Run(asked.Wait).Soon();
            await Task.Run(first.Abort).Soon();
            Assert.CatchAsync<IOException>(() => second.Input.ReadToEndAsync(1000).AsTask().Soon());
        }
        finally
        {
            answer.Set();
        }

        await closing.Soon();
    }
}
