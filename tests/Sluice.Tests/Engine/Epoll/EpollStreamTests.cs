using System.Buffers;
using System.Net.Sockets;
using Sluice.Channels.Writing;
using Sluice.Engine;

namespace Sluice.Tests.Engine.Epoll;

[TestFixture]
public sealed class EpollStreamTests
{
    [Test]
    public async Task A_writer_that_waits_for_room_is_told_of_a_close_although_a_receive_still_holds_the_descriptor()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("The epoll engine needs Linux.");
        }

        await using var selector = new SelectorManager(new SelectorOptions { Engine = SelectorEngine.Epoll });
        for (int i = 0; i < 200; i++)
        {
            (StreamSocket ours, Socket peer) = await Peers.PairAsync(selector);
            using Socket closing = peer;
            using var start = new Barrier(3);
            Task receiving = Task.Run(() => ReceiveUntilClosed(ours.Transport, start));
            Task<bool> sending = Task.Run(() => IsToldOfClose(ours, start));
            start.SignalAndWait();
            Thread.SpinWait(300);

            ours.Abort();

            Assert.That(await sending.Soon(), Is.True);
            await receiving.Soon();
        }
    }

    private static void ReceiveUntilClosed(StreamTransport transport, Barrier start)
    {
        start.SignalAndWait();
        try
        {
            while (true)
            {
                transport.TryDiscard(out _);
            }
        }
        catch (ObjectDisposedException)
        {
        }
    }

    // Each try takes the place of the last one; the last of all must fail, or be told.
    private static bool IsToldOfClose(StreamSocket socket, Barrier start)
    {
        var bytes = new ReadOnlySequence<byte>(new byte[4_000_000]);
        using var client = new Client();
        start.SignalAndWait();
        try
        {
            bool pending;
            do
            {
                client.Told.Reset();
                socket.Transport.TrySend(bytes, client, out pending);
            }
            while (!pending || !socket.Completion.IsCompleted);

            return client.Told.Wait(Waiting.AtOnce);
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }

    private sealed class Client : ISinkClient, IDisposable
    {
        public ManualResetEventSlim Told { get; } = new();

        public void OnSinkReady(int sent, Exception? error) => Told.Set();

        public void Dispose() => Told.Dispose();
    }
}
