using System.Net;
using System.Net.Sockets;

namespace Sluice.Tests.Datagrams;

/// <summary>A socket takes an address again that it has just closed, while a stranger sends to it.</summary>
public sealed class DatagramStrangerTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task Sockets_that_connect_while_a_stranger_sends_to_them_hear_nothing_of_it()
    {
        await using DatagramSocket silent = await Selector.Udp().BindAsync("127.0.0.1");
        EndPoint local = FreeAddress.Take();
        using var stop = new CancellationTokenSource();
        Task sending = Task.Factory.StartNew(() => SendUntil(local, stop.Token), TaskCreationOptions.LongRunning);
        int heard = 0;
        try
        {
            for (int i = 0; i < 1000; i++)
            {
                await using DatagramSocket socket = await Selector.Udp().ConnectAsync(silent.LocalEndPoint, local);
                using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(1));
                heard += await socket.ReceiveAsync(new byte[9], soon.Token).OutcomeAsync() is OperationCanceledException ? 0 : 1;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await sending.Soon();
        }

        Assert.That(heard, Is.Zero);
    }

    private static void SendUntil(EndPoint to, CancellationToken stop)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        while (!stop.IsCancellationRequested)
        {
            try
            {
                socket.SendTo("x"u8, to);
            }
            catch (SocketException)
            {
                // No socket is there just now.
            }
        }
    }
}
