using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;

namespace Sluice.Tests.Sockets;

/// <summary>What waits for the kernel goes on with a clock that stands still.</summary>
public sealed class KernelWaitTests(SelectorEngine engine) : BothEngines(engine)
{
    protected override SelectorOptions Options => new() { TimeProvider = new FakeTimeProvider() };

    [Test]
    [Platform("Linux", Reason = "Elsewhere a connect does not wait for room in the backlog.")]
    public async Task A_connect_goes_on_when_the_backlog_has_room_again()
    {
        using var folder = new UnixFolder();
        await using ServerSocket server = await Selector.Unix().BindAsync(folder["s"], options => options.Backlog = 1);
        Task<StreamSocket>[] connecting = [.. Enumerable.Range(0, 5).Select(_ => Selector.Unix().ConnectAsync(folder["s"]).AsTask())];

        for (int i = 0; i < connecting.Length; i++)
        {
            await using StreamSocket accepted = await server.AcceptAsync().Soon();
        }

        foreach (Task<StreamSocket> one in connecting)
        {
            await (await one.Soon()).DisposeAsync();
        }
    }

    [Test]
    [Platform("Linux", Reason = "Elsewhere a full receiver loses datagrams.")]
    public async Task A_send_goes_on_when_the_receiver_has_room_again()
    {
        using var folder = new UnixFolder();
        var to = new UnixDomainSocketEndPoint(folder["to"]);
        await using DatagramSocket receiver = await Selector.Unix().BindDatagramAsync(to.ToString());
        await using DatagramSocket sender = await Selector.Unix().BindDatagramAsync(folder["from"]);
        int sent = 0;
        Task sending;
        do
        {
            sending = sender.SendAsync("one"u8.ToArray(), to).AsTask();
            sent++;
            await Task.WhenAny(sending, Waiting.PauseAsync(TimeSpan.FromMilliseconds(200)));
        }
        while (sending.IsCompletedSuccessfully);

        for (int i = 0; i < sent; i++)
        {
            (await receiver.ReceiveAsync().Soon()).Dispose();
        }

        await sending.Soon();
    }
}
