using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;

namespace Sluice.AspNetCore.Tests;

/// <summary>SignalR on Kestrel.</summary>
public sealed class SignalRTests(SelectorEngine engine) : KestrelFixture(engine)
{
    private const char Separator = '\u001e';

    [Test]
    public async Task A_SignalR_hub_is_called_and_calls_back()
    {
        WebApplication server = await StartAsync(app => app.MapHub<EchoHub>("/hub"), services: services => services.AddSignalR());
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new Uri($"ws://127.0.0.1:{AddressOf(server).Port}/hub"), default).Soon();

        await SendAsync(client, """{"protocol":"json","version":1}""");
        Assert.That(await ReceiveAsync(client, 1), Is.EqualTo(new[] { "{}" }));
        await SendAsync(client, """{"type":1,"invocationId":"7","target":"Echo","arguments":["hello"]}""");

        // The hub calls the client before its method ends.
        string[] answers = await ReceiveAsync(client, 2);
        Assert.That(answers[0], Does.Contain("\"type\":1").And.Contain("hello"));
        Assert.That(answers[1], Does.Contain("\"type\":3").And.Contain("\"invocationId\":\"7\""));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default).Soon();
    }

    private static Task SendAsync(ClientWebSocket socket, string message) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(message + Separator), WebSocketMessageType.Text, endOfMessage: true, default).Soon();

    // A frame may have several messages.
    private static async Task<string[]> ReceiveAsync(ClientWebSocket socket, int count)
    {
        byte[] buffer = new byte[4096];
        List<string> messages = [];
        while (messages.Count < count)
        {
            WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, default).Soon();
            messages.AddRange(Encoding.UTF8.GetString(buffer, 0, received.Count).Split(Separator, StringSplitOptions.RemoveEmptyEntries));
        }

        return [.. messages];
    }

    /// <summary>Sends a caller's words back to it.</summary>
    public sealed class EchoHub : Hub
    {
        public async Task Echo(string words)
        {
            await Clients.Caller.SendAsync("Echoed", words);
        }
    }
}
