using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RespClient;

namespace Sluice.Client.Tests;

/// <summary>The client of the sample with a real Redis server, which is skipped where there is none.</summary>
public sealed class RedisTests(SelectorEngine engine) : BothEngines(engine)
{
    [Test]
    public async Task Many_callers_share_a_connection()
    {
        int port = FreePort();
        await using RealPeer server = Start(port);
        await using RequestChannel<string[], RespValue> redis = await OpenAsync(port);
        await Task.WhenAll(Enumerable.Range(0, 64).Select(async caller =>
        {
            for (int i = 0; i < 50; i++)
            {
                string value = $"{i} {new string('x', caller * i)}";
                Assert.That((await redis.SendAsync(["SET", $"key:{caller}", value])).ToString(), Is.EqualTo("OK"));
                Assert.That((await redis.SendAsync(["GET", $"key:{caller}"])).ToString(), Is.EqualTo(value));
                await redis.SendAsync(["INCR", "all"]);
            }
        })).Soon();
        Assert.That((await redis.SendAsync(["GET", "all"]).Soon()).ToString(), Is.EqualTo("3200"));
        Assert.That((await redis.SendAsync(["NONSENSE"]).Soon()).IsError);
    }

    [Test]
    public async Task A_server_that_is_started_again_is_found_again()
    {
        int port = FreePort();
        await using ReconnectingConnection<RequestChannel<string[], RespValue>> redis = ReconnectingConnection.Create(
            Selector.Tcp(),
            [new IPEndPoint(IPAddress.Loopback, port)],
            async (connection, token) =>
            {
                RequestChannel<string[], RespValue> channel = RequestChannel.Create(connection, new RespProtocol());
                await channel.SendAsync(["CLIENT", "SETNAME", "sluice"], token);
                return channel;
            },
            new ReconnectOptions<RequestChannel<string[], RespValue>> { MinDelay = TimeSpan.FromMilliseconds(10), MaxDelay = TimeSpan.FromMilliseconds(100) });
        for (int i = 0; i < 2; i++)
        {
            Task<RespValue> blocked;
            await using (Start(port))
            {
                Assert.That((await redis.SendAsync(["CLIENT", "GETNAME"]).Soon()).ToString(), Is.EqualTo("sluice"));
                blocked = redis.SendAsync(["BLPOP", "nothing", "0"]).AsTask();
                await Waiting.UntilAsync(() => redis.Current?.InFlight == 1);
            }

            Assert.That(((RequestException?)await blocked.OutcomeAsync())?.Delivery, Is.EqualTo(RequestDelivery.MaybeSent));
        }
    }

    private static RealPeer Start(int port) => RealPeer.Start(
        "redis-server", "--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath());

    private static int FreePort()
    {
        using Socket socket = Peers.Silent();
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task<RequestChannel<string[], RespValue>> OpenAsync(int port)
    {
        StreamSocket? socket = null;
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                socket = await Selector.Tcp().ConnectAsync("127.0.0.1", port).Soon();
                return true;
            }
            catch (SocketException)
            {
                // Not started yet.
                return false;
            }
        });
        return RequestChannel.Create(socket!.OpenConnection(), new RespProtocol());
    }
}
