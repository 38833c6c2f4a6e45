namespace Sluice.TestKit;

/// <summary>Brings a socket to where a write waits: its peer does not read.</summary>
internal static class FullSocket
{
    // More than the kernel takes and a channel's buffer holds.
    private static readonly byte[] s_much = new byte[2_000_000];

    /// <summary>
    /// Writes to a Unix domain socket until it waits for room, and cancels the write. Over TCP there might be room once more: the kernel moves what was
    /// sent to the peer in steps of 200 ms (RFC 1122, 4.2.3.4, against silly windows).
    /// </summary>
    public static async Task FillAsync(StreamSocket socket, ByteWriteChannel output)
    {
        using var enough = new CancellationTokenSource();
        Task writing = output.WriteAsync(s_much, enough.Token).AsTask();
        await Waiting.UntilAsync(() => socket.Transport.Wait.For == "room");
        await enough.CancelAsync();
        Assert.That(await writing.OutcomeAsync(), Is.InstanceOf<OperationCanceledException>());
    }

    /// <summary>Sends datagrams until one of them waits for room, and cancels that one.</summary>
    public static async Task FillAsync(Func<CancellationToken, ValueTask> sendAsync)
    {
        Exception? failure;
        do
        {
            // A datagram without room is tried again now and then. It waits if that lasts: there is nothing else to see it by.
            using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            failure = await sendAsync(soon.Token).OutcomeAsync();
        }
        while (failure is null);

        Assert.That(failure, Is.InstanceOf<OperationCanceledException>());
    }
}
